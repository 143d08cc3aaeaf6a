import { validateHeaderName, validateHeaderValue } from "node:http";
import { type Header, HeaderMap } from "../../transport/index.ts";
import { isFraming } from "./framing.ts";

/** Headers to send. What could end a header line or change the framing is refused when it is set. */
export class ReplyHeader implements Header {
  readonly #map: HeaderMap = new HeaderMap();

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
    check(name, value);
    this.#map.set(name, value);
  }

  add(name: string, value: string): void {
    check(name, value);
    this.#map.add(name, value);
  }

  delete(name: string): void {
    this.#map.delete(name);
  }

  /** `headers` with those of this map whose names are not among them. */
  appendTo(headers: readonly string[]): readonly string[] {
    if (this.#map.empty) return headers;
    const all = [...headers];
    for (const [name, values] of this.#map.entries()) {
      if (hasName(headers, name)) continue;
      for (const value of values) all.push(name, value);
    }
    return all;
  }
}

function check(name: string, value: string): void {
  if (isFraming(name)) {
    throw new TypeError(
      `Cannot set a header as the server frames its answers itself: current value is "${name}"`,
    );
  }
  validateHeaderName(name);
  validateHeaderValue(name, value);
}

function hasName(headers: readonly string[], name: string): boolean {
  for (let at = 0; at < headers.length; at += 2) {
    if (headers[at]?.toLowerCase() === name) return true;
  }
  return false;
}
