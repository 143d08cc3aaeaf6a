import type { HeaderBlock } from "@kratosjs/h2";

/** What a header block says as a request. Made once for a block, which peers repeat, and shared: immutable. */
export class H2Request {
  readonly method: string;
  /** The path and query as sent; "" for CONNECT, which has none. */
  readonly target: string;
  /** Names and values in turn without pseudo-headers; the authority is the host, cookies are one line. */
  readonly rawHeaders: readonly string[];
  /** As the peer tells it; undefined when it does not. */
  readonly contentLength: number | undefined;

  constructor(fields: readonly string[]) {
    let [method, target, authority] = ["", "", ""];
    let lines: readonly string[] = fields;
    for (let at = 0; at < fields.length; at += 2) {
      const value = fields[at + 1] ?? "";
      if (fields[at] === ":method") method = value;
      else if (fields[at] === ":path") target = value;
      else if (fields[at] === ":authority") authority = value;
      else if (fields[at]?.startsWith(":") !== true) {
        // Pseudo-headers come first: the engine sees to it.
        lines = fields.slice(at);
        break;
      }
      if (at + 2 >= fields.length) lines = [];
    }
    this.method = method;
    this.target = target;
    this.rawHeaders = regularLines(lines, authority);
    const length = this.rawHeaders.indexOf("content-length");
    this.contentLength = length % 2 === 0 ? Number(this.rawHeaders[length + 1]) : undefined;
  }
}

/** The request of a block, remembered with it. */
export function h2RequestOf(block: HeaderBlock): H2Request {
  const { parsed } = block;
  if (parsed instanceof H2Request) return parsed;
  const request = new H2Request(block.fields);
  block.parsed = request;
  return request;
}

/** As HTTP/1.1 has them: RFC 9113 sections 8.2.3 and 8.3.1. */
function regularLines(fields: readonly string[], authority: string): readonly string[] {
  const lines = authority === "" ? [] : ["host", authority];
  let cookieAt = -1;
  for (let at = 0; at < fields.length; at += 2) {
    const name = fields[at] ?? "";
    const value = fields[at + 1] ?? "";
    if (name === "host" && authority !== "") continue;
    if (name === "cookie" && cookieAt !== -1) {
      lines[cookieAt] = `${lines[cookieAt]}; ${value}`;
      continue;
    }
    lines.push(name, value);
    if (name === "cookie") cookieAt = lines.length - 1;
  }
  return Object.freeze(lines);
}
