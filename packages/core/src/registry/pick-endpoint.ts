import type { ServiceInstance } from "./service-instance.ts";

/**
 * Answers the `host:port` of the instance's first endpoint of exactly this scheme, or undefined: there is
 * none, or an entry before it is no URL, which puts the whole record in doubt.
 * Queries are ignored: old records say `?isSecure=...` there, but only the scheme decides.
 */
export function pickEndpoint(
  instance: Pick<ServiceInstance, "endpoints">,
  scheme: string,
): string | undefined {
  for (const endpoint of instance.endpoints) {
    const url = parse(endpoint);
    if (url === undefined) return undefined;
    if (url.scheme === scheme) return url.host === "" ? undefined : url.host;
  }
  return undefined;
}

// Not `URL`: that drops the ports 80 and 443 of http and https, and the address must keep them.
const withAuthority = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)/i;
const hostAndPort = /^(?:\[[0-9a-f:.%]+\]|[^\s:[\]<>"\\^`{|}]*)(?::\d*)?$/i;
const withoutAuthority = /^(?:[a-z][a-z0-9+.-]*:(?!\d+$)|[^:]*$|[^:]*[/?#])/i;

function parse(endpoint: string): { readonly scheme: string; readonly host: string } | undefined {
  const match = withAuthority.exec(endpoint);
  if (match?.[1] === undefined || match[2] === undefined) {
    return withoutAuthority.test(endpoint) ? { scheme: "", host: "" } : undefined;
  }
  const host = match[2].slice(match[2].lastIndexOf("@") + 1);
  return hostAndPort.test(host) ? { scheme: match[1].toLowerCase(), host } : undefined;
}
