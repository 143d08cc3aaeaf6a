import type { OutgoingHeaders } from "../contract.ts";
import type { Block } from "../hpack/block.ts";

/** Which part of an exchange a header block is; each has rules of its own in RFC 9113 section 8. */
export type BlockRole = "request" | "response" | "trailers";

/** What is wrong with a block in this role, "" for nothing. Found once a block, which peers repeat. */
export function faultOf(block: Block, role: BlockRole): string {
  const key = `${role}Fault` as const;
  return (block[key] ??= checkBlock(block, role));
}

/** Whether a request asks for the headers of its answer only. */
export function isHeadRequest(headers: OutgoingHeaders): boolean {
  const fields = "bytes" in headers ? headers.fields : headers;
  return fields[fields.indexOf(":method") + 1] === "HEAD";
}

const connectionSpecific: ReadonlySet<string> = new Set([
  "connection",
  "proxy-connection",
  "keep-alive",
  "transfer-encoding",
  "upgrade",
]);

const pseudoHeaders: Readonly<Record<BlockRole, readonly string[]>> = {
  request: [":method", ":scheme", ":authority", ":path"],
  response: [":status"],
  trailers: [],
};

function checkBlock(block: Block, role: BlockRole): string {
  const { fields } = block;
  const pseudo = new Map<string, string>();
  let regular = false;
  for (let at = 0; at < fields.length; at += 2) {
    const name = fields[at] ?? "";
    const value = fields[at + 1] ?? "";
    if (!isCleanValue(value)) return `field "${name}" has a forbidden character in its value`;
    if (name.startsWith(":")) {
      if (regular) return `pseudo-header "${name}" after a regular field`;
      if (!pseudoHeaders[role].includes(name)) return `pseudo-header "${name}" in a ${role}`;
      if (pseudo.has(name)) return `pseudo-header "${name}" twice`;
      pseudo.set(name, value);
    } else {
      regular = true;
      const fault = checkField(block, name, value);
      if (fault !== "") return fault;
    }
  }
  return checkPseudo(pseudo, fields, role);
}

function checkPseudo(
  pseudo: ReadonlyMap<string, string>,
  fields: readonly string[],
  role: BlockRole,
): string {
  if (role === "trailers") return "";
  if (role === "response") return isStatus(pseudo.get(":status")) ? "" : "no valid :status";
  if (pseudo.get(":method") === "CONNECT") {
    return pseudo.has(":scheme") || pseudo.has(":path") || !pseudo.has(":authority")
      ? "a malformed CONNECT"
      : "";
  }
  if ((pseudo.get(":method") ?? "") === "") return "no :method";
  if ((pseudo.get(":scheme") ?? "") === "") return "no :scheme";
  if (!isPath(pseudo.get(":path"))) return "no valid :path";
  return hasAuthority(pseudo, fields) ? "" : "neither :authority nor host";
}

/** RFC 9113 section 8.3.1: a request of a scheme that has hosts names one, and not an empty one. */
function hasAuthority(pseudo: ReadonlyMap<string, string>, fields: readonly string[]): boolean {
  const scheme = pseudo.get(":scheme");
  if (scheme !== "http" && scheme !== "https") return true;
  const authority = pseudo.get(":authority");
  if (authority !== undefined) return authority !== "";
  for (let at = 0; at + 1 < fields.length; at += 2) {
    if (fields[at] === "host") return fields[at + 1] !== "";
  }
  return false;
}

/** Three digits; 101 has no meaning in HTTP/2, RFC 9113 section 8.6. */
function isStatus(value: string | undefined): boolean {
  return value !== undefined && value !== "101" && /^[1-9]\d\d$/.test(value);
}

/** An absolute path, or the asterisk of OPTIONS, RFC 9113 section 8.3.1. */
function isPath(value: string | undefined): boolean {
  return value !== undefined && (value.startsWith("/") || value === "*");
}

function checkField(block: Block, name: string, value: string): string {
  if (!isLowerToken(name)) return `field name ${JSON.stringify(name)} is no lower-case token`;
  if (connectionSpecific.has(name)) return `connection-specific field "${name}"`;
  if (name === "te" && value !== "trailers") return 'field "te" with another value than "trailers"';
  if (name !== "content-length") return "";
  const length = /^\d{1,15}$/.test(value) ? Number(value) : -1;
  if (length < 0 || (block.contentLength >= 0 && block.contentLength !== length))
    return "an invalid content-length";
  block.contentLength = length;
  return "";
}

function isLowerToken(name: string): boolean {
  if (name === "") return false;
  for (let at = 0; at < name.length; at += 1)
    if (tokenChars[name.charCodeAt(at)] !== 1) return false;
  return true;
}

const tokenChars: Uint8Array = /* @__PURE__ */ makeTokenChars();

function makeTokenChars(): Uint8Array {
  const table = new Uint8Array(256);
  for (const char of "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz")
    table[char.charCodeAt(0)] = 1;
  return table;
}

/** No NUL, CR or LF, and no blank at either end. */
function isCleanValue(value: string): boolean {
  for (let at = 0; at < value.length; at += 1) {
    const char = value.charCodeAt(at);
    if (char === 0 || char === 10 || char === 13) return false;
  }
  return !isBlank(value.charCodeAt(0)) && !isBlank(value.charCodeAt(value.length - 1));
}

function isBlank(char: number): boolean {
  return char === 32 || char === 9;
}
