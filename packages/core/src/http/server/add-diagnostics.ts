import { Diagnostics } from "../diagnostics/diagnostics.ts";
import type { ServerVitals } from "../diagnostics/vitals.ts";
import type { Settings } from "./create-edge.ts";
import type { Edge } from "./edge.ts";
import { RawRoute } from "./raw-route.ts";
import type { Router } from "./router.ts";

/** What the pages of a server on itself are made of. */
export interface DiagnosticsParts {
  readonly settings: Pick<Settings, "diagnostics" | "notFound">;
  readonly edge: Edge;
  readonly vitals: () => ServerVitals;
  /** Ends what watches the process when it settles. */
  readonly closed: Promise<void>;
}

/**
 * Adds the routes of the pages a server has on itself, where it is to have some.
 * @throws {TypeError} If an address or the prefix of them is none.
 */
export function addDiagnostics(router: Router, parts: DiagnosticsParts): void {
  const { diagnostics, notFound: refuse } = parts.settings;
  if (diagnostics === false) return;
  const { vitals, edge, closed } = parts;
  const pages = new Diagnostics(diagnostics, { vitals, routes: () => router.routes(), refuse });
  const { prefix } = pages;
  router.addPrefix(
    prefix,
    new RawRoute((exchange, ctx) => pages.serve(exchange, ctx), prefix, edge),
  );
  void closed.catch(() => {}).then(() => pages.close());
}
