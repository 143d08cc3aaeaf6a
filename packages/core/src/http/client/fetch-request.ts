import { HeaderMap } from "../../transport/index.ts";
import type { HttpRequest } from "../protocols/index.ts";
import { isFraming } from "../wire/framing.ts";

/** A request, and what has to be ended where its body is never read. */
export interface FetchRequest extends HttpRequest {
  readonly source?: ReadableStream | undefined;
}

/** What is fetched: a path that begins with "/", or a URL or Request of which host and scheme do not count. */
export type FetchTarget = string | URL | Request;

/**
 * Makes the request of what `fetch` is given.
 * @throws {TypeError} If the target is neither path nor URL, or the method is CONNECT.
 */
export async function fetchRequest(
  target: FetchTarget,
  { method, headers, body }: Pick<RequestInit, "body" | "headers" | "method">,
): Promise<FetchRequest> {
  const request = target instanceof Request ? target : undefined;
  const verb = methodOf(method ?? request?.method ?? "GET");
  const path = pathOf(urlText(target));
  const header = new HeaderMap();
  for (const [name, value] of new Headers(headers ?? request?.headers ?? [])) {
    if (!isFraming(name)) header.add(name, value);
  }
  const content = body === undefined ? request?.body : body;
  if (content === undefined || content === null)
    return { method: verb, path, header, body: undefined };
  // Knows all kinds of bodies, and what they say of their type.
  const made = new Response(content);
  const type = made.headers.get("content-type");
  if (type !== null && header.get("content-type") === "") header.set("content-type", type);
  if (isWhole(content)) {
    return { method: verb, path, header, body: new Uint8Array(await made.arrayBuffer()) };
  }
  const source = made.body ?? undefined;
  return { method: verb, path, header, body: source && pieces(source), source };
}

const anyHost = "http://localhost";

function urlText(target: FetchTarget): string {
  if (target instanceof Request) return target.url;
  return target instanceof URL ? target.href : target;
}

function pathOf(target: string): string {
  const whole = target.startsWith("/") ? anyHost + target : target;
  const url = URL.canParse(whole) ? new URL(whole) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol)) return url.pathname + url.search;
  throw new TypeError(
    `Cannot fetch as the target must be a path that begins with "/", or a URL: current value is ${JSON.stringify(target)}`,
  );
}

function methodOf(method: string): string {
  const verb = method.toUpperCase();
  if (/^[!#$%&'*+.^_`|~0-9A-Z-]+$/.test(verb) && verb !== "CONNECT") return verb;
  throw new TypeError(
    `Cannot fetch as the method must be a token other than CONNECT: current value is ${JSON.stringify(method)}`,
  );
}

/** Whether a body is at hand; it can then be sent again. */
function isWhole(body: unknown): boolean {
  return (
    typeof body === "string" ||
    body instanceof URLSearchParams ||
    body instanceof ArrayBuffer ||
    ArrayBuffer.isView(body)
  );
}

async function* pieces(body: AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
  for await (const piece of body) {
    if (!(piece instanceof Uint8Array)) {
      throw new TypeError(
        `Cannot send a body as its pieces must be Uint8Arrays: current value is ${typeof piece}`,
      );
    }
    yield piece;
  }
}
