import { afterEach, describe, expect, test } from "vitest";
import { HttpServer, type HttpServerOptions } from "../index.ts";
import { ask, type WireName, wires } from "../testdata/both-wires.ts";
import { serveChat, stopChats } from "../testdata/chat-service.ts";
import { closeH2 } from "../testdata/h2-client.ts";
import { serve, stopServers } from "../testdata/serve.ts";
import { openPeer, refusedPeer } from "../testdata/web-socket-peer.ts";

afterEach(async () => {
  closeH2();
  await stopServers();
  await stopChats();
});

type Trusted = HttpServerOptions["trustedProxies"];
type Headers = Readonly<Record<string, string>>;

interface Seen {
  readonly client: string;
  readonly peer: string;
  readonly secure: boolean;
  readonly host: string;
}

/** What a filter sees of a request that comes from this machine. */
async function seen(wire: WireName, trustedProxies: Trusted, headers: Headers): Promise<Seen> {
  const { server, origin } = await serve(trustedProxies === undefined ? {} : { trustedProxies });
  server.handle("/it", (exchange) => {
    const { remoteAddress: client, peerAddress: peer, secure, host } = exchange;
    exchange.reply({ status: 200, body: JSON.stringify({ client, peer, secure, host }) });
  });
  const reply = await ask(wire, origin, { path: "/it", headers });
  return JSON.parse(String(reply.body)) as Seen; // what the route above writes
}

const forwarded = { addresses: ["loopback", "private"], headers: "forwarded" } as const;
const local = ["loopback", "private"];

describe.each(wires)("HttpServer with trustedProxies over %s", (wire) => {
  test("believes nobody by default", async () => {
    const headers = {
      "x-forwarded-for": "1.2.3.4",
      "x-forwarded-proto": "https",
      "x-forwarded-host": "example.com",
      forwarded: "for=1.2.3.4;proto=https",
    };
    for (const trusted of [undefined, ["10.0.0.0/8"], ["unix"]]) {
      const it = await seen(wire, trusted, headers);
      expect(it).toMatchObject({ client: "127.0.0.1", peer: "127.0.0.1", secure: false });
      expect(it.host).toMatch(/^127\.0\.0\.1:\d+$/);
    }
  });

  test("sees the client a proxy tells of, and still its peer", async () => {
    const headers = {
      "x-forwarded-for": "1.2.3.4",
      "x-forwarded-proto": "https",
      "x-forwarded-host": "example.com:8443",
    };
    const client = { client: "1.2.3.4", peer: "127.0.0.1", secure: true, host: "example.com:8443" };
    expect(await seen(wire, local, headers)).toEqual(client);
  });

  test.each<[string, string, string]>([
    ["a client's own word", "6.6.6.6, 1.2.3.4", "1.2.3.4"],
    ["proxies one behind the other", "6.6.6.6, 1.2.3.4, 10.1.1.1, 192.168.0.7", "1.2.3.4"],
    ["nothing but proxies", "10.0.0.9, 10.0.0.8", "10.0.0.9"],
    ["IPv6", "6.6.6.6, 2001:db8::1", "2001:db8::1"],
    ["IPv6 with a port", "[2001:db8::1]:443", "2001:db8::1"],
    ["IPv4 with a port", "1.2.3.4:5555", "1.2.3.4"],
    ["IPv4 in IPv6", "1.2.3.4, ::ffff:10.0.0.1", "1.2.3.4"],
    ["no address", "unknown", "127.0.0.1"],
    ["no address behind a proxy", "1.2.3.4, garbage, 10.0.0.1", "10.0.0.1"],
    ["nothing", "", "127.0.0.1"],
    ["numbers too large", "1.2.3.400", "127.0.0.1"],
    ["very many", `6.6.6.6,${"10.0.0.1,".repeat(500)}10.0.0.2`, "10.0.0.1"],
    ["too much", "1.2.3.4,".repeat(1500), "127.0.0.1"],
  ])("takes the nearest address nobody vouches for: %s", async (_, line, client) => {
    expect(await seen(wire, local, { "x-forwarded-for": line })).toMatchObject({ client });
  });

  test.each<[string, Headers, Partial<Seen>]>([
    [
      "one a hop",
      { "x-forwarded-proto": "https, http", "x-forwarded-host": "a.example, b.example" },
      { secure: true, host: "a.example" },
    ],
    ["the last of fewer", { "x-forwarded-proto": "https" }, { secure: true }],
    ["the last of more", { "x-forwarded-proto": "http, http, https" }, { secure: true }],
    ["none that it knows", { "x-forwarded-proto": "gopher" }, { secure: false }],
  ])("takes schemes and hosts of the client's hop: %s", async (_, headers, expected) => {
    const hops = { "x-forwarded-for": "1.2.3.4, 10.0.0.1" };
    expect(await seen(wire, local, { ...hops, ...headers })).toMatchObject(expected);
  });

  test.each(["exa mple", "a/b", "a@b", "<script>", "a,b c", "x".repeat(300)])(
    "ignores the host %s",
    async (host) => {
      const headers = { "x-forwarded-for": "1.2.3.4", "x-forwarded-host": host };
      expect((await seen(wire, local, headers)).host).toMatch(/^127\.0\.0\.1:\d+$/);
    },
  );

  test.each<[string, Partial<Seen>]>([
    [
      "for=1.2.3.4;proto=https;host=a.example",
      { client: "1.2.3.4", secure: true, host: "a.example" },
    ],
    ['For="[2001:db8::1]:47"; Proto=HTTPS', { client: "2001:db8::1", secure: true }],
    ["for=6.6.6.6, for=1.2.3.4, for=10.0.0.1;proto=https", { client: "1.2.3.4", secure: false }],
    ['for=1.2.3.4;by="a,for=6.6.6.6"', { client: "1.2.3.4" }],
    ['for="1.2.3\\.4"', { client: "1.2.3.4" }],
    ["for=_hidden;proto=https", { client: "127.0.0.1", secure: false }],
    ["for=1.2.3.4, nonsense", { client: "127.0.0.1" }],
    ['for="1.2.3.4', { client: "127.0.0.1" }],
  ])("reads Forwarded where it is told to: %s", async (line, expected) => {
    const headers = { forwarded: line, "x-forwarded-for": "6.6.6.6" };
    expect(await seen(wire, forwarded, headers)).toMatchObject(expected);
  });

  test("does not look at the headers its proxies do not write", async () => {
    expect(await seen(wire, local, { forwarded: "for=6.6.6.6" })).toMatchObject({
      client: "127.0.0.1",
    });
  });
});

test("HttpServer sees through proxies on unix sockets, whose peers have no address", async () => {
  const { server } = await serve({ trustedProxies: ["unix"] });
  server.handle("/it", (exchange) => exchange.reply({ status: 200, body: exchange.remoteAddress }));
  const reply = await server.inject({ path: "/it", headers: { "x-forwarded-for": "1.2.3.4" } });
  expect(reply.text()).toBe("1.2.3.4");
});

test("HttpServer lets pages of the host that clients see open WebSockets", async () => {
  const { host } = await serveChat({}, { trustedProxies: ["loopback"] });
  const headers = (seenAs: string): Headers => ({
    "x-forwarded-for": "1.2.3.4",
    "x-forwarded-host": seenAs,
    origin: "https://app.example",
  });
  const url = `ws://${host}/v1/talk`;
  const peer = await openPeer(url, { headers: headers("app.example") });
  peer.socket.terminate();
  const refusal = await refusedPeer(url, { headers: headers("other.example") });
  expect(refusal.status).toBe(403);
});

test.each<[string, Trusted]>([
  ["a name", ["everybody"]],
  ["a network too narrow", ["10.0.0.0/33"]],
  ["a network without a size", ["10.0.0.0/"]],
  ["an address with more", ["10.0.0.0/8/8"]],
  ["other headers", { addresses: [], headers: "x-real-ip" as "forwarded" }],
])("HttpServer refuses to trust %s when it is made", (_, trustedProxies) => {
  expect(() => new HttpServer({ trustedProxies: trustedProxies ?? [] })).toThrow(
    /^Cannot .* as .*: current value is /,
  );
});
