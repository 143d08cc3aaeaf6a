import type { Handler, MiddlewareTable } from "../../middleware/index.ts";
import { composeOperation, type Operation } from "../../rpc/index.ts";

/** An operation inside its middlewares: composed when it is first called, and again after `use`. */
export class BoundOperation {
  readonly operation: Operation;
  readonly #table: MiddlewareTable;
  #handler: Handler | undefined;

  constructor(operation: Operation, table: MiddlewareTable) {
    this.operation = operation;
    this.#table = table;
  }

  get handler(): Handler {
    this.#handler ??= composeOperation(this.operation, this.#table);
    return this.#handler;
  }

  /** Forgets the chain, as the table has changed. */
  reset(): void {
    this.#handler = undefined;
  }
}
