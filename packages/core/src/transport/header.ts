/**
 * One view of HTTP headers and gRPC metadata. Names are matched without regard to case and answered in
 * lower case. The value of a name that ends in `-bin` is base64, as on the wire.
 */
export interface Header {
  /** The first value, or "" when there is none. */
  get(name: string): string;
  /** All values in order. */
  values(name: string): readonly string[];
  /** The names present. */
  keys(): readonly string[];
  /** Replaces all values of the name by one. */
  set(name: string, value: string): void;
  /** Appends a value. */
  add(name: string, value: string): void;
  /** Removes the name. */
  delete(name: string): void;
}
