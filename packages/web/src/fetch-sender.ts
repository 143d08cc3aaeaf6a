import { type Context, onEnd } from "@kratosjs/core/context";
import { fromError, KratosError, messageOf } from "@kratosjs/core/errors";
import type { HttpReply, HttpRequest, HttpSender } from "@kratosjs/core/http/protocols";
import { HeaderMap } from "@kratosjs/core/transport";
import type { FetchCredentials } from "./web-connection-options.ts";

export interface FetchSenderOptions {
  readonly baseUrl: string;
  readonly credentials: FetchCredentials;
  readonly fetch: typeof globalThis.fetch;
}

/** Sends requests by fetch. */
export class FetchSender implements HttpSender {
  /** Only some browsers can, over HTTP/2 alone. */
  readonly streamsRequests = false;
  readonly #options: FetchSenderOptions;
  readonly #base: string;

  constructor(options: FetchSenderOptions) {
    this.#options = options;
    this.#base = options.baseUrl.replace(/\/+$/, "");
  }

  async send({ method, path, header, body }: HttpRequest, ctx: Context): Promise<HttpReply> {
    const { fetch, credentials } = this.#options;
    const cut = new AbortController();
    const watch = onEnd(ctx, (reason) => cut.abort(reason));
    const end = (): void => {
      watch.cancel();
      cut.abort(new DOMException("the answer was left", "AbortError"));
    };
    try {
      const response = await fetch(this.#base + path, {
        method,
        headers: pairsOf(header),
        credentials,
        signal: cut.signal,
        // a protocol makes one piece of it, as `streamsRequests` is false
        ...(body !== undefined && { body: body as Uint8Array<ArrayBuffer> }),
      });
      return new FetchReply(response, { end });
    } catch (error) {
      watch.cancel();
      throw fetchError(error);
    }
  }
}

/** An answer of fetch. */
class FetchReply implements HttpReply {
  readonly status: number;
  readonly header: HeaderMap;
  /** A browser shows none. */
  readonly trailer: HeaderMap = new HeaderMap();
  readonly #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  readonly #end: () => void;

  constructor(response: Response, { end }: { readonly end: () => void }) {
    this.status = response.status;
    this.header = new HeaderMap(response.headers);
    this.#reader = response.body?.getReader();
    this.#end = end;
  }

  async read(): Promise<Uint8Array | undefined> {
    try {
      return (await this.#reader?.read())?.value;
    } catch (error) {
      throw fetchError(error);
    }
  }

  end(): void {
    this.#end();
  }
}

/** What a call fails with that got no answer: 504 when its time ran out, 499 when its caller left, else 503. */
function fetchError(error: unknown): KratosError {
  const isEnd =
    error instanceof Error && (error.name === "AbortError" || error.name === "TimeoutError");
  return isEnd ? fromError(error) : new KratosError(messageOf(error), { code: 503, cause: error });
}

function pairsOf(header: HeaderMap): [string, string][] {
  return [...header.entries()].flatMap(([name, values]) =>
    values.map((value): [string, string] => [name, value]),
  );
}
