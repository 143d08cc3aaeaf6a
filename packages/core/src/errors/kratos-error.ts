import type { Any } from "@bufbuild/protobuf/wkt";

/** The parts of a KratosError besides its message. */
export interface KratosErrorOptions {
  /** An HTTP status by convention. @default {500} */
  readonly code?: number;
  /** Why, for programs: UPPER_SNAKE_CASE. @default {""} */
  readonly reason?: string;
  /** @default {{}} */
  readonly metadata?: Readonly<Record<string, string>>;
  /** What led to it. Logged, never sent. @default none */
  readonly cause?: unknown;
  /** Further google.rpc details that travel over gRPC beside the ErrorInfo made of reason and metadata. @default none */
  readonly details?: readonly Any[];
  /** The gRPC code to send where the table's is not the one meant, for example ALREADY_EXISTS for 409. @default the table's */
  readonly grpcCode?: number | undefined;
}

/** Marks every KratosError, whichever copy of this package made it. */
const brand = Symbol.for("kratos/error");

/**
 * The error that crosses the wire: an HTTP-like code, a reason for programs, a message for people.
 * Immutable; `withCause` and `withMetadata` answer copies.
 */
export class KratosError extends Error {
  readonly code: number;
  readonly reason: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly details: readonly Any[];
  readonly grpcCode: number | undefined;

  constructor(message: string, options: KratosErrorOptions = {}) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    Object.defineProperty(this, brand, { value: true });
    this.name = "KratosError";
    this.code = options.code ?? 500;
    this.reason = options.reason ?? "";
    this.metadata = Object.freeze({ ...options.metadata });
    this.details = options.details ?? [];
    this.grpcCode = options.grpcCode;
    if (!Number.isInteger(this.code)) {
      throw new RangeError(
        `Cannot make an error as 'code' must be an integer: current value is ${this.code}`,
      );
    }
  }

  /** A copy with another cause. */
  withCause(cause: unknown): KratosError {
    return new KratosError(this.message, { ...this.#parts(), cause });
  }

  /** A copy whose metadata is replaced as a whole. */
  withMetadata(metadata: Readonly<Record<string, string>>): KratosError {
    return new KratosError(this.message, { ...this.#parts(), metadata, cause: this.cause });
  }

  #parts(): KratosErrorOptions {
    const { code, reason, metadata, details, grpcCode } = this;
    return { code, reason, metadata, details, grpcCode };
  }

  /** Go Kratos's text of the error: code, reason, message, metadata with sorted keys, cause. */
  format(): string {
    const metadata = Object.keys(this.metadata)
      .toSorted()
      .map((key) => `${key}:${this.metadata[key]}`)
      .join(" ");
    const cause = this.cause === undefined || this.cause === null ? "<nil>" : messageOf(this.cause);
    return `error: code = ${this.code} reason = ${this.reason} message = ${this.message} metadata = map[${metadata}] cause = ${cause}`;
  }
}

/** Whether this very value is a KratosError, of any copy of the package. Causes are not looked at. */
export function isKratosError(error: unknown): error is KratosError {
  return typeof error === "object" && error !== null && brand in error;
}

/** The text of anything that was thrown. */
export function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message;
  try {
    return String(error);
  } catch {
    return "unprintable error";
  }
}
