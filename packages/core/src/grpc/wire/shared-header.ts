import { type Header, HeaderMap } from "../../transport/index.ts";

/**
 * A view of metadata that many calls share, as a peer repeats its header block; a call that writes
 * gets its own copy first.
 */
export class SharedHeader implements Header {
  #map: HeaderMap;
  #own = false;

  constructor(shared: HeaderMap) {
    this.#map = shared;
  }

  get(name: string): string {
    return this.#map.get(name);
  }

  values(name: string): readonly string[] {
    return this.#map.values(name);
  }

  keys(): readonly string[] {
    return this.#map.keys();
  }

  set(name: string, value: string): void {
    this.#writable().set(name, value);
  }

  add(name: string, value: string): void {
    this.#writable().add(name, value);
  }

  delete(name: string): void {
    this.#writable().delete(name);
  }

  #writable(): HeaderMap {
    if (!this.#own) {
      this.#map = new HeaderMap(this.#map.entries());
      this.#own = true;
    }
    return this.#map;
  }
}
