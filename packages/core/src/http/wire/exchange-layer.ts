import type { Header } from "../../transport/index.ts";
import type { Answer, AnswerHead, Exchange, NodeMessages, UpgradeOffer } from "./exchange.ts";

/** What a layer does in its own way. Its methods are called on itself, whatever it is of. */
export type ExchangeChanges = { readonly [Name in keyof Exchange]?: Exchange[Name] };

/**
 * Lays changes over an exchange, for filters that show their `next` another request or look at its answer.
 * What the changes do not have is that of the exchange below. A layer that changes bodies or answers has to
 * have `node: undefined` too: who writes to node's own messages would pass it by.
 */
export function layerExchange(below: Exchange, changes: ExchangeChanges): Exchange {
  return new ExchangeLayer(below, changes);
}

class ExchangeLayer implements Exchange {
  readonly #below: Exchange;
  readonly #changes: ExchangeChanges;

  constructor(below: Exchange, changes: ExchangeChanges) {
    this.#below = below;
    this.#changes = changes;
  }

  get method(): string {
    return this.#owner("method").method;
  }

  get target(): string {
    return this.#owner("target").target;
  }

  get httpVersion(): Exchange["httpVersion"] {
    return this.#owner("httpVersion").httpVersion;
  }

  get secure(): boolean {
    return this.#owner("secure").secure;
  }

  get host(): string {
    return this.#owner("host").host;
  }

  get remoteAddress(): string {
    return this.#owner("remoteAddress").remoteAddress;
  }

  get peerAddress(): string {
    return this.#owner("peerAddress").peerAddress;
  }

  get rawHeaders(): readonly string[] {
    return this.#owner("rawHeaders").rawHeaders;
  }

  get requestHeader(): Header {
    return this.#owner("requestHeader").requestHeader;
  }

  get replyHeader(): Header {
    return this.#owner("replyHeader").replyHeader;
  }

  get hasBody(): boolean {
    return this.#owner("hasBody").hasBody;
  }

  get answered(): boolean {
    return this.#owner("answered").answered;
  }

  get closed(): boolean {
    return this.#owner("closed").closed;
  }

  get node(): NodeMessages | undefined {
    return this.#owner("node").node;
  }

  get upgrade(): UpgradeOffer | undefined {
    return this.#owner("upgrade").upgrade;
  }

  readBody(maxBytes: number): Promise<Uint8Array> {
    return this.#owner("readBody").readBody(maxBytes);
  }

  body(maxBytes?: number): AsyncIterable<Uint8Array> {
    return this.#owner("body").body(maxBytes);
  }

  reply(answer: Answer): void {
    this.#owner("reply").reply(answer);
  }

  begin(head: AnswerHead): void {
    this.#owner("begin").begin(head);
  }

  write(chunk: Uint8Array | string): boolean {
    return this.#owner("write").write(chunk);
  }

  drained(): Promise<void> {
    return this.#owner("drained").drained();
  }

  end(): void {
    this.#owner("end").end();
  }

  destroy(): void {
    this.#owner("destroy").destroy();
  }

  onClose(listener: () => void): void {
    this.#owner("onClose").onClose(listener);
  }

  #owner<Name extends keyof Exchange>(name: Name): Pick<Exchange, Name> {
    // Having the name it has the member, of the type the changes say.
    return name in this.#changes ? (this.#changes as Pick<Exchange, Name>) : this.#below;
  }
}
