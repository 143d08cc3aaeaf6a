/**
 * Where a request goes, RFC 9113 section 8.3.1: `:scheme`, `:authority`, `:path`, and the host field that
 * may stand for the authority or say the same. What is refused here can split or smuggle a request
 * behind a gateway that speaks HTTP/1.1.
 */

/** What is wrong with the target of a request, "" for nothing; `fields` are names and values by turns. */
export function targetFault(
  pseudo: ReadonlyMap<string, string>,
  fields: readonly string[],
): string {
  const method = pseudo.get(":method") ?? "";
  if (method === "") return "no :method (RFC 9113 section 8.3.1)";
  if (!methodPattern.test(method)) return "a :method that is no token (RFC 9110 section 9.1)";
  if (method === "CONNECT") return connectFault(pseudo) || authorityFault(pseudo, fields);
  const scheme = pseudo.get(":scheme") ?? "";
  if (scheme === "") return "no :scheme (RFC 9113 section 8.3.1)";
  if (!schemePattern.test(scheme)) return "a :scheme that is none (RFC 3986 section 3.1)";
  return pathFault(pseudo.get(":path"), method) || authorityFault(pseudo, fields);
}

const methodPattern = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const schemePattern = /^[A-Za-z][A-Za-z0-9+\-.]*$/;
/** Unreserved characters, sub-delimiters, percent signs and what parts a port and an IPv6 address. */
const authorityPattern = /^[A-Za-z0-9\-._~!$&'()*+,;=:[\]%]*$/;

function connectFault(pseudo: ReadonlyMap<string, string>): string {
  return pseudo.has(":scheme") || pseudo.has(":path") || !pseudo.has(":authority")
    ? "a CONNECT with :scheme or :path, or without :authority (RFC 9113 section 8.5)"
    : "";
}

function pathFault(path: string | undefined, method: string): string {
  if (path === undefined || path === "") return "no :path (RFC 9113 section 8.3.1)";
  if (path === "*") {
    return method === "OPTIONS" ? "" : 'the :path "*" without OPTIONS (RFC 9113 section 8.3.1)';
  }
  if (!path.startsWith("/")) return 'a :path that does not begin with "/" (RFC 9113 section 8.3.1)';
  return hasForbiddenPathChar(path)
    ? 'a :path with a control character, a space or "#" (RFC 3986 section 3.3)'
    : "";
}

function hasForbiddenPathChar(path: string): boolean {
  for (let at = 0; at < path.length; at += 1) {
    const char = path.charCodeAt(at);
    if (char <= 0x20 || char === 0x23 || char === 0x7f) return true;
  }
  return false;
}

/** A request of a scheme that has hosts names one, and says it twice in the same way if at all. */
function authorityFault(pseudo: ReadonlyMap<string, string>, fields: readonly string[]): string {
  const scheme = pseudo.get(":scheme") ?? "";
  let authority = pseudo.get(":authority");
  const fault = authority === undefined ? "" : hostFault(authority, ":authority");
  if (fault !== "") return fault;
  for (let at = 0; at + 1 < fields.length; at += 2) {
    if (fields[at] !== "host") continue;
    const host = fields[at + 1] ?? "";
    const wrong = hostFault(host, "host");
    if (wrong !== "") return wrong;
    authority ??= host;
    if (host !== authority && normalized(host, scheme) !== normalized(authority, scheme))
      return "a host that differs from :authority (RFC 9113 section 8.3.1)";
  }
  // Without a scheme it is a CONNECT.
  const mayBeNameless = !["", "http", "https"].includes(scheme);
  return mayBeNameless || (authority ?? "") !== ""
    ? ""
    : "neither :authority nor host (RFC 9113 section 8.3.1)";
}

function hostFault(value: string, name: string): string {
  if (value.includes("@")) return `${name} with user information (RFC 9113 section 8.3.1)`;
  return authorityPattern.test(value)
    ? ""
    : `${name} with a forbidden character (RFC 3986 section 3.2)`;
}

const defaultPorts: Readonly<Record<string, string>> = { http: "80", https: "443" };

/** As RFC 3986 section 6.2 compares hosts: without case, and without a port that goes without saying. */
function normalized(host: string, scheme: string): string {
  const lower = host.toLowerCase();
  const colon = lower.lastIndexOf(":");
  const port = colon < 0 ? undefined : lower.slice(colon + 1);
  return port === "" || (port !== undefined && port === defaultPorts[scheme])
    ? lower.slice(0, colon)
    : lower;
}
