import type { OutgoingHeaders } from "../contract.ts";
import type { Block } from "../hpack/block.ts";
import { targetFault } from "./request-target.ts";

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
    if (!isCleanValue(value))
      return `field "${name}" has a forbidden character in its value (RFC 9113 section 8.2.1)`;
    if (name.startsWith(":")) {
      if (regular) return `pseudo-header "${name}" after a regular field (RFC 9113 section 8.3)`;
      if (!pseudoHeaders[role].includes(name))
        return `pseudo-header "${name}" in a ${role} (RFC 9113 section 8.3)`;
      if (pseudo.has(name)) return `pseudo-header "${name}" twice (RFC 9113 section 8.3)`;
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
  if (role === "response")
    return isStatus(pseudo.get(":status")) ? "" : "no valid :status (RFC 9113 section 8.3.2)";
  return targetFault(pseudo, fields);
}

/** Three digits; 101 has no meaning in HTTP/2, RFC 9113 section 8.6. */
function isStatus(value: string | undefined): boolean {
  return value !== undefined && value !== "101" && /^[1-9]\d\d$/.test(value);
}

function checkField(block: Block, name: string, value: string): string {
  if (!isLowerToken(name))
    return `field name ${JSON.stringify(name)} is no lower-case token (RFC 9113 section 8.2.1)`;
  if (connectionSpecific.has(name))
    return `connection-specific field "${name}" (RFC 9113 section 8.2.2)`;
  if (name === "te" && value !== "trailers")
    return 'field "te" with another value than "trailers" (RFC 9113 section 8.2.2)';
  if (name !== "content-length") return "";
  const length = /^\d{1,15}$/.test(value) ? Number(value) : -1;
  if (length < 0 || (block.contentLength >= 0 && block.contentLength !== length))
    return "an invalid content-length (RFC 9110 section 8.6)";
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
