import type { Message } from "@bufbuild/protobuf";
import type { HttpBodyPlace } from "../files/http-body-place.ts";

const over: IteratorReturnResult<undefined> = { done: true, value: undefined };

/** The bytes of a stream of google.api.HttpBody as a body in pieces, each asked for when there is room for it. */
export class UploadBody implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #source: AsyncIterator<Message>;
  readonly #place: HttpBodyPlace;
  #first: IteratorResult<Message> | undefined;
  #isOver = false;
  #isLeft = false;
  #failure: unknown;

  /** `first` was taken from the source before. */
  constructor(
    source: AsyncIterator<Message>,
    { first, place }: { readonly first: IteratorResult<Message>; readonly place: HttpBodyPlace },
  ) {
    this.#source = source;
    this.#place = place;
    this.#first = first;
  }

  /** What the source itself failed with. */
  get failure(): unknown {
    return this.#failure;
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    while (!this.#isOver) {
      const item = this.#first ?? (await this.#take());
      this.#first = undefined;
      // Ending here would make what was sent look whole.
      if (this.#isLeft) throw new Error("nobody wants the rest of the upload");
      this.#isOver = item.done === true;
      // An empty piece would be the end of a body in chunks.
      const data = item.done === true ? undefined : this.#place.unwrap(item.value)?.data;
      if (data !== undefined && data.length > 0) return { done: false, value: data };
    }
    return over;
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.leave();
    return over;
  }

  /** Tells the source that nothing more of it is wanted, unless it has ended. */
  leave(): void {
    if (this.#isOver || this.#isLeft) return;
    this.#isLeft = true;
    // It may be busy with a message that nobody waits for; what it says to that is nobody's news.
    void this.#source.return?.().then(ignore, ignore);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async #take(): Promise<IteratorResult<Message>> {
    try {
      return await this.#source.next();
    } catch (error) {
      this.#failure = error;
      this.#isOver = true;
      throw error;
    }
  }
}

function ignore(): void {}
