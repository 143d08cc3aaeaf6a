/** Where to listen or whom to call: a host and port, or the path of a unix socket. */
export type Address =
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  | { readonly kind: "unix"; readonly path: string };

/**
 * Parses `host:port`, `:port`, `[v6]:port` or `unix:/path`. An empty host means every interface.
 * @throws {TypeError} If the text is none of these, or the port is no number from 0 to 65535.
 */
export function parseAddress(text: string): Address {
  if (text.startsWith("unix:")) return parseUnix(text);
  const match = /^(\[[^\]]*\]|[^:]*):(\d{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  if (match?.[1] === undefined || !(port <= 65_535)) {
    throw new TypeError(
      `Cannot parse an address as it must be host:port, :port or unix:path: current value is "${text}"`,
    );
  }
  return { kind: "tcp", host: match[1].replace(/^\[(.*)\]$/, "$1"), port };
}

function parseUnix(text: string): Address {
  const path = text.slice("unix:".length).replace(/^\/\/(?=\/)/, "");
  if (path === "")
    throw new TypeError(
      `Cannot parse an address as a unix socket must have a path: current value is "${text}"`,
    );
  return { kind: "unix", path };
}

/** Writes `host:port`, with brackets around IPv6. */
export function formatHostPort(host: string, port: number): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}
