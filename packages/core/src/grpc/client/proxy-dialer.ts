import { request as sendRequest } from "node:http";
import { connect } from "node:net";
import type { Duplex } from "node:stream";
import { formatHostPort, parseAddress } from "../../transport/index.ts";
import type { Dialer } from "./dialer.ts";

/**
 * Makes a dialer that goes through an HTTP proxy by CONNECT; unix sockets are of this machine and opened directly.
 * @throws {TypeError} If the proxy is no `http:` URL; the message does not tell its user and password.
 */
export function proxyDialer(proxy: string | URL): Dialer {
  const url = parseProxy(proxy);
  const authorization = authorizationOf(url);
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const port = Number(url.port || "80");
  return (text, { signal }) => {
    const address = parseAddress(text);
    if (address.kind === "unix") return Promise.resolve(connect({ path: address.path }));
    const path = formatHostPort(address.host === "" ? "localhost" : address.host, address.port);
    const headers = { host: path, ...authorization };
    return openTunnel({ host, port, path, headers, signal });
  };
}

interface Tunnel {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

function openTunnel(tunnel: Tunnel): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const outgoing = sendRequest({ ...tunnel, method: "CONNECT", agent: false });
    outgoing.on("error", reject);
    outgoing.on("connect", (response, socket, head) => {
      const status = response.statusCode ?? 0;
      if (status < 200 || status > 299) {
        socket.destroy();
        return reject(new Error(`the proxy refuses the connection with status ${status}`));
      }
      if (head.length > 0) socket.unshift(head);
      socket.setNoDelay(true);
      resolve(socket);
    });
    outgoing.on("response", (response) => {
      response.destroy();
      reject(new Error(`the proxy refuses the connection with status ${response.statusCode}`));
    });
    outgoing.end();
  });
}

function authorizationOf({ username, password }: URL): Readonly<Record<string, string>> {
  if (username === "" && password === "") return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { "proxy-authorization": `Basic ${Buffer.from(pair).toString("base64")}` };
}

function parseProxy(proxy: string | URL): URL {
  // The text is not told: what cannot be parsed may hold a password all the same.
  if (typeof proxy === "string" && !URL.canParse(proxy)) {
    throw new TypeError("Cannot use a proxy as it must be a URL: current value is none");
  }
  const url = new URL(proxy);
  if (url.protocol !== "http:" || url.hostname === "") {
    throw new TypeError(
      `Cannot use a proxy as its URL must begin with http://: current value begins with ${url.protocol}`,
    );
  }
  return url;
}
