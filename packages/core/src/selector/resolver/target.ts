import { parseAddress } from "../../transport/index.ts";
import type { EndpointScheme } from "./resolver-options.ts";

/** Whom a client calls. */
export type Target =
  | { readonly kind: "discovery"; readonly serviceName: string; readonly scheme: EndpointScheme }
  | {
      readonly kind: "static";
      readonly addresses: readonly string[];
      readonly scheme: EndpointScheme;
    };

/**
 * Parses the target of a client:
 * - `discovery:///name` is looked up in a registry; an authority is ignored
 * - `direct:///a:1,b:2` is a list of addresses
 * - `host:port`, `dns:///host:port`, `passthrough:///host:port` is one address, looked up when it is dialled
 * - `unix:path`, `unix:///path` is a socket of this machine
 * - `http://host`, `https://host`, `grpc://host:port`, `grpcs://host:port` names the scheme as well
 *
 * `scheme` is that of targets that name none.
 * @throws {TypeError} If the text is none of these, or names a scheme of the other protocol.
 */
export function parseTarget(text: string, scheme: EndpointScheme): Target {
  const match = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)(.*)$/i.exec(text);
  const [, prefix, authority, rest] = match ?? [];
  if (prefix === undefined || authority === undefined || rest === undefined)
    return parsePlain(text, scheme);
  const path = rest.replace(/^\//, "");
  switch (prefix.toLowerCase()) {
    case "discovery":
      if (path === "")
        throw refused(text, `a service is named after three slashes, "discovery:///name"`);
      return { kind: "discovery", serviceName: decodePath(path, text), scheme };
    case "direct":
      return {
        kind: "static",
        addresses: path.split(",").map((address) => toAddress(address, text)),
        scheme,
      };
    case "dns":
    case "passthrough":
      if (authority !== "")
        throw refused(text, `an address is named after three slashes, "${prefix}:///host:port"`);
      return { kind: "static", addresses: [toAddress(path, text)], scheme };
    case "unix":
      if (authority !== "" || path === "")
        throw refused(text, 'a socket is named by its absolute path, "unix:///path"');
      return { kind: "static", addresses: [`unix:${rest}`], scheme };
    default:
      return parseUrl({ text, prefix: prefix.toLowerCase(), authority, path }, scheme);
  }
}

function parsePlain(text: string, scheme: EndpointScheme): Target {
  const address = text.startsWith("unix:")
    ? unixAddress(text)
    : toAddress(text.replace(/^dns:/, ""), text);
  return { kind: "static", addresses: [address], scheme };
}

function unixAddress(text: string): string {
  if (text === "unix:") throw refused(text, 'a socket is named by its path, "unix:path"');
  return text;
}

interface UrlParts {
  readonly text: string;
  readonly prefix: string;
  readonly authority: string;
  readonly path: string;
}

const defaultPorts: Readonly<Record<EndpointScheme, number | undefined>> = {
  http: 80,
  https: 443,
  grpc: undefined,
  grpcs: undefined,
};

function parseUrl({ text, prefix, authority, path }: UrlParts, wanted: EndpointScheme): Target {
  if (!isEndpointScheme(prefix)) throw refused(text, "its scheme must be one that is known");
  if (prefix.startsWith("grpc") !== wanted.startsWith("grpc")) {
    throw refused(text, `its scheme must be one of this client, which calls "${wanted}"`);
  }
  if (path !== "") throw refused(text, "a URL must end after the port");
  const port = defaultPorts[prefix];
  const hasPort = /:\d+$/.test(authority) || port === undefined;
  return {
    kind: "static",
    addresses: [toAddress(hasPort ? authority : `${authority}:${port}`, text)],
    scheme: prefix,
  };
}

function isEndpointScheme(text: string): text is EndpointScheme {
  return Object.hasOwn(defaultPorts, text);
}

/** One `host:port`, the host of an empty one being this machine. */
function toAddress(address: string, text: string): string {
  const { kind, host, port } = parseHostPort(address, text);
  if (kind !== "tcp" || port === 0 || /[\s@/?#]/.test(host))
    throw refused(text, 'an address must be "host:port"');
  return host === "" ? `localhost:${port}` : address;
}

function parseHostPort(
  address: string,
  text: string,
): { readonly kind: string; readonly host: string; readonly port: number } {
  try {
    const parsed = parseAddress(address);
    return parsed.kind === "tcp" ? parsed : { kind: "unix", host: "", port: 0 };
  } catch {
    throw refused(text, 'an address must be "host:port"');
  }
}

function decodePath(path: string, text: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw refused(text, "its escapes must be valid");
  }
}

function refused(text: string, rule: string): TypeError {
  return new TypeError(`Cannot resolve a target as ${rule}: current value is "${text}"`);
}
