/** A picture and what is told of it. */
export interface StoredPicture {
  readonly name: string;
  readonly contentType: string;
  readonly sizeBytes: number;
  readonly data: Uint8Array;
}

/** Pictures by their names, and those who want to hear of new ones. */
export class PictureStore {
  readonly #pictures: Map<string, StoredPicture> = new Map();
  readonly #watchers: Set<(picture: StoredPicture) => void> = new Set();

  constructor(pictures: Readonly<Record<string, string>>) {
    for (const [name, text] of Object.entries(pictures)) {
      this.put(name, { contentType: "image/svg+xml", data: new TextEncoder().encode(text) });
    }
  }

  get(name: string): StoredPicture | undefined {
    return this.#pictures.get(name);
  }

  /** Keeps a picture and tells all who watch. */
  put(
    name: string,
    { contentType, data }: { readonly contentType: string; readonly data: Uint8Array },
  ): StoredPicture {
    const picture = { name, contentType, data, sizeBytes: data.length };
    this.#pictures.set(name, picture);
    for (const tell of this.#watchers) tell(picture);
    return picture;
  }

  /** All pictures there are, then each that comes, until the signal aborts. */
  async *watch(signal: AbortSignal): AsyncGenerator<StoredPicture> {
    const news: StoredPicture[] = [...this.#pictures.values()];
    let wake = (): void => {};
    const tell = (picture: StoredPicture): void => {
      news.push(picture);
      wake();
    };
    this.#watchers.add(tell);
    signal.addEventListener("abort", () => wake());
    try {
      while (!signal.aborted) {
        yield* news.splice(0);
        if (news.length === 0) await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      this.#watchers.delete(tell);
    }
  }
}
