import { type Logger, nopLogger } from "../../log/index.ts";
import type { Transport } from "../../transport/index.ts";

// Operations are templates, not paths; the bound is for edges that do not know that.
const maxOperations = 1024;

/** Keeps a logger an operation, so that what all its records share is encoded once. */
export class OperationLoggers {
  readonly #kind: string;
  #base: Logger = nopLogger;
  #count = 0;
  readonly #byComponent = new Map<string, Map<string, Logger>>();

  constructor(kind: string) {
    this.#kind = kind;
  }

  get(base: Logger, transport: Transport | undefined): Logger {
    if (base !== this.#base) this.#restart(base);
    const component = transport?.kind ?? "";
    const operation = transport?.operation ?? "";
    return this.#byComponent.get(component)?.get(operation) ?? this.#add(component, operation);
  }

  // The default logger may be replaced at any time.
  #restart(base: Logger): void {
    this.#base = base;
    this.#count = 0;
    this.#byComponent.clear();
  }

  #add(component: string, operation: string): Logger {
    const logger = this.#base.with({ kind: this.#kind, component, operation });
    if (this.#count >= maxOperations) return logger;
    this.#count++;
    const byOperation = this.#byComponent.get(component);
    if (byOperation === undefined) this.#byComponent.set(component, new Map([[operation, logger]]));
    else byOperation.set(operation, logger);
    return logger;
  }
}
