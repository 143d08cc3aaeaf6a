import type { Context } from "../../context/index.ts";
import { fromError, isKratosError, KratosError } from "../../errors/index.ts";
import { defaultLogger, type Logger } from "../../log/index.ts";
import { isAsyncIterable, type Handler, type Middleware } from "../index.ts";

/** What is known of a call that broke. */
export interface Failure {
  readonly request: unknown;
  readonly context: Context;
  /** Milliseconds from the call's begin to the failure. */
  readonly latencyMs: number;
}

export interface RecoveryOptions {
  /** Makes the error the caller gets. @default 500 UNKNOWN "unknown request error" */
  readonly handler?: (error: unknown, failure: Failure) => unknown;
  /** Where the failure and its stack are written at level error. @default {defaultLogger()} */
  readonly logger?: Logger;
}

/**
 * Answers calls that break by accident with 500 UNKNOWN, and logs what broke, so that no stack and
 * no internal text reaches a caller.
 *
 * JavaScript throws both what Go returns and what Go panics with. An error on purpose is a
 * KratosError, or something `fromError` knows the code of (an abort, a timeout, another gRPC
 * library's status), and passes unchanged; anything else that is thrown is taken for a panic.
 */
export function recovery(options: RecoveryOptions = {}): Middleware {
  const answer = options.handler ?? unknownRequest;
  return (next) => (request, context) => {
    const startMs = performance.now();
    const recover = (error: unknown): unknown => {
      if (isOnPurpose(error)) return error;
      const failure = { request, context, latencyMs: performance.now() - startMs };
      (options.logger ?? defaultLogger())
        .withContext(context)
        .error("panic recovered", { panic: error, request: typeName(request) });
      return answer(error, failure);
    };
    return callRecovered(next, { request, context, recover });
  };
}

interface Call {
  readonly request: unknown;
  readonly context: Context;
  readonly recover: (error: unknown) => unknown;
}

function callRecovered(next: Handler, call: Call): Promise<unknown> {
  let reply: Promise<unknown>;
  try {
    reply = next(call.request, call.context);
  } catch (error) {
    reply = Promise.reject(error);
  }
  return reply.then(
    (value) => (isAsyncIterable(value) ? recovered(value, call.recover) : value),
    (error: unknown) => {
      throw call.recover(error);
    },
  );
}

async function* recovered(
  stream: AsyncIterable<unknown>,
  recover: (error: unknown) => unknown,
): AsyncGenerator<unknown> {
  try {
    yield* stream;
  } catch (error) {
    throw recover(error);
  }
}

function unknownRequest(error: unknown): KratosError {
  return new KratosError("unknown request error", { code: 500, reason: "UNKNOWN", cause: error });
}

/** Whether `fromError` knows more of it than that it was thrown. */
function isOnPurpose(error: unknown): boolean {
  const known = fromError(error);
  const converted = known.cause === error && !isKratosError(error);
  return !converted || known.code !== 500 || known.grpcCode !== undefined;
}

/** The message's type, not its content: a request may hold what must not be logged. */
function typeName(request: unknown): string {
  if (isAsyncIterable(request)) return "stream";
  if (typeof request === "object" && request !== null && "$typeName" in request)
    return String(request.$typeName);
  return typeof request;
}
