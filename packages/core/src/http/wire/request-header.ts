import { type Header, HeaderMap } from "../../transport/index.ts";
import { allLines, firstLine, linePairs } from "./header-lines.ts";

// Names and values of 32 lines.
const fewLines = 64;

/** The headers of a request: read from the wire's list, copied only when somebody changes them. */
export class RequestHeader implements Header {
  readonly #raw: readonly string[];
  #own: HeaderMap | undefined;

  constructor(raw: readonly string[]) {
    this.#raw = raw;
  }

  get(name: string): string {
    if (this.#own !== undefined) return this.#own.get(name);
    return firstLine(this.#raw, name.toLowerCase()) ?? "";
  }

  values(name: string): readonly string[] {
    return this.#own?.values(name) ?? allLines(this.#raw, name.toLowerCase());
  }

  keys(): readonly string[] {
    if (this.#own !== undefined) return this.#own.keys();
    const names: string[] = [];
    for (let at = 0; at < this.#raw.length; at += 2) {
      const name = (this.#raw[at] ?? "").toLowerCase();
      // Of a handful a look through all is quicker than a set; many may be there to make it slow.
      if (this.#raw.length > fewLines || !names.includes(name)) names.push(name);
    }
    return this.#raw.length > fewLines ? [...new Set(names)] : names;
  }

  set(name: string, value: string): void {
    this.#map().set(name, value);
  }

  add(name: string, value: string): void {
    this.#map().add(name, value);
  }

  delete(name: string): void {
    this.#map().delete(name);
  }

  #map(): HeaderMap {
    this.#own ??= new HeaderMap(linePairs(this.#raw));
    return this.#own;
  }
}
