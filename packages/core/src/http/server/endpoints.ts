const ports: Readonly<Record<string, string>> = { "http:": "80", "https:": "443" };

/** Answers the URL under which gRPC is reached on the port of an HTTP URL; undefined where that has no host, as a unix socket. */
export function grpcUrlOf(url: URL): URL | undefined {
  const scheme = { "http:": "grpc", "https:": "grpcs" }[url.protocol];
  if (scheme === undefined || url.hostname === "") return undefined;
  // The schemes of gRPC have no port of their own, so it is spelled out.
  return new URL(`${scheme}://${url.hostname}:${url.port || ports[url.protocol]}`);
}

/** Writes scheme, host and port; "" where there is no URL yet. */
export function originOf(url: URL | undefined): string {
  return url === undefined ? "" : `${url.protocol}//${url.host}`;
}
