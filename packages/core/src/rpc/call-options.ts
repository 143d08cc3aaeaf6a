import { type Context, type ContextKey, createSharedContextKey } from "../context/index.ts";
import type { NodeFilter } from "../selector/index.ts";
import type { Header } from "../transport/index.ts";

/** What a caller may say about one call. */
export interface CallOptions {
  /** The context of the call this one is made for: its deadline, signal and metadata are inherited. @default {background} */
  readonly context?: Context;
  /** Milliseconds for the whole call; 0 is no limit of its own, less than 0 has passed already. @default the connection's for unary calls, none for streams */
  readonly timeoutMs?: number;
  /** Ends the call when it aborts. @default none */
  readonly signal?: AbortSignal;
  /** Headers (gRPC: metadata) to send. The values of names that end in `-bin` are base64. @default none */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** Called once when the answer's headers have arrived. @default none */
  readonly onHeader?: (header: Header) => void;
  /** Called once when the trailers have arrived; over HTTP/1.1 they are empty. @default none */
  readonly onTrailer?: (trailer: Header) => void;
  /** Wait for a connection instead of failing when there is none at the moment. @default {false} */
  readonly waitForReady?: boolean;
  /** Further filters on the nodes to choose from. @default none */
  readonly filters?: readonly NodeFilter[];
  /** What middlewares and logs see the call as; it goes where it went before. @default "/package.Service/Method" */
  readonly operation?: string;
  /** What middlewares see as the template of the path, over HTTP. @default the one of the method's rule */
  readonly pathTemplate?: string;
  /** Sent with a body over REST, and chooses the codec of the call by its subtype. @default the connection's codec */
  readonly contentType?: string;
  /** What is asked for over REST; answers are read in whatever codec they come. @default what `contentType` says */
  readonly accept?: string;
}

const key: ContextKey<CallOptions> = /* @__PURE__ */ createSharedContextKey<CallOptions>(
  "rpc/call-options",
  {},
);

/** The options of the call being made: for the innermost handler of a connection. */
export function callOptions(context: Context): CallOptions {
  return context.get(key);
}

/** A context of a call made with these options. */
export function withCallOptions(context: Context, options: CallOptions): Context {
  return context.with(key, options);
}
