import { type Header, HeaderMap } from "../../transport/index.ts";
import { allLines, firstLine, linePairs } from "./header-lines.ts";

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
    const names = new Set<string>();
    for (let at = 0; at < this.#raw.length; at += 2) names.add((this.#raw[at] ?? "").toLowerCase());
    return [...names];
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
