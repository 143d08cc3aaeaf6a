/**
 * One record a call: `server request` or `client request`, written when the call is over, for a
 * stream when the stream is.
 *
 *     new GrpcServer({ middleware: [recovery(), logging()] });
 *     new GrpcClient({ middleware: [clientLogging()] });
 *
 * After Kratos's middleware/logging (v3): fields kind, component, operation, args, code, reason, latency,
 * and on failure error and stack. Different on purpose: args is the message itself, so that filters see its members.
 */
import type { Registry } from "@bufbuild/protobuf";
import type { Context } from "../../context/index.ts";
import { fromError, messageOf } from "../../errors/index.ts";
import { defaultLogger, type Fields, type Logger, stackText } from "../../log/index.ts";
import { clientTransport, serverTransport, type Transport } from "../../transport/index.ts";
import { type Middleware, settle } from "../index.ts";
import { argsOf } from "./args.ts";
import { OperationLoggers } from "./operation-loggers.ts";

export interface LoggingOptions {
  /** @default defaultLogger(), asked at each call */
  readonly logger?: Logger;
  /** Whether the request is written; fields that are `debug_redact` in their proto are masked. @default true */
  readonly args?: boolean;
  /** Where messages that are not the method's input find their descriptors, for `debug_redact`. @default none */
  readonly registry?: Registry;
}

interface Side {
  readonly kind: "server" | "client";
  readonly message: string;
  readonly transportOf: (context: Context) => Transport | undefined;
}

const serverSide: Side = {
  kind: "server",
  message: "server request",
  transportOf: serverTransport,
};
const clientSide: Side = {
  kind: "client",
  message: "client request",
  transportOf: clientTransport,
};

/** Logs the calls that a server answers: level info, or error when the call fails. */
export function logging(options: LoggingOptions = {}): Middleware {
  return accessLog(serverSide, options);
}

/** Logs the calls that a client makes: level info, or error when the call fails. */
export function clientLogging(options: LoggingOptions = {}): Middleware {
  return accessLog(clientSide, options);
}

const notWritten = Symbol();

function accessLog(side: Side, options: LoggingOptions): Middleware {
  const loggers = new OperationLoggers(side.kind);
  const writesArgs = options.args ?? true;
  return (next) => (request, context) => {
    const base = options.logger ?? defaultLogger();
    if (!base.enabled("error")) return next(request, context);
    const startMs = performance.now();
    const done = (error?: unknown): void => {
      const level = error === undefined ? "info" : "error";
      if (!base.enabled(level)) return;
      const transport = side.transportOf(context);
      const args = writesArgs
        ? argsOf(request, { transport, registry: options.registry })
        : notWritten;
      const logger = loggers.get(base, transport).withContext(context);
      logger.log(level, side.message, outcome(args, error, performance.now() - startMs));
    };
    return settle(
      () => next(request, context),
      (error) => harmless(done, error),
    );
  };
}

function outcome(args: unknown, error: unknown, latencyMs: number): Fields {
  // Seconds, to the microsecond.
  const latency = Math.round(latencyMs * 1000) / 1e6;
  // Written out for each case: joining objects costs more than the whole line.
  if (error === undefined) {
    return args === notWritten
      ? { code: 200, reason: "", latency }
      : { args, code: 200, reason: "", latency };
  }
  const { code, reason } = fromError(error);
  const failure = { code, reason, latency, error: messageOf(error), stack: stackText(error) };
  return args === notWritten ? failure : { args, ...failure };
}

/** A logger of another kind may throw: that must not become the call's failure. */
function harmless(done: (error?: unknown) => void, error: unknown): void {
  try {
    done(error);
  } catch {
    // The record is lost, the reply is not.
  }
}
