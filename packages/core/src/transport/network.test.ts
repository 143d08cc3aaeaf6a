import { once } from "node:events";
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { listenError, listenTarget, type Network, parseListenPlace } from "./network.ts";

test.each<[string, Network | undefined, unknown]>([
  [":8000", undefined, { port: 8000 }],
  ["127.0.0.1:8000", undefined, { port: 8000, host: "127.0.0.1" }],
  ["localhost:8000", "tcp", { port: 8000, host: "localhost" }],
  ["unix:/run/a.sock", undefined, { path: "/run/a.sock" }],
  ["unix:/run/a.sock", "unix", { path: "/run/a.sock" }],
  ["/run/a.sock", "unix", { path: "/run/a.sock" }],
  [":8000", "tcp4", { port: 8000, host: "0.0.0.0", ipv6Only: false }],
  [":8000", "tcp6", { port: 8000, host: "::", ipv6Only: true }],
  ["127.0.0.1:8000", "tcp4", { port: 8000, host: "127.0.0.1", ipv6Only: false }],
  ["[::1]:8000", "tcp6", { port: 8000, host: "::1", ipv6Only: true }],
  ["localhost:8000", "tcp4", { port: 8000, host: "127.0.0.1", ipv6Only: false }],
])("listenTarget() is of the network: %s on %s", async (text, network, expected) => {
  expect(await listenTarget(parseListenPlace(text, network))).toEqual(expected);
});

test.each<[string, Network]>([
  ["[::1]:8000", "tcp4"],
  ["127.0.0.1:8000", "tcp6"],
  ["unix:/run/a.sock", "tcp"],
  ["unix:/run/a.sock", "tcp4"],
  [":8000", "unix"],
  ["localhost:8000", "unix"],
])(
  "parseListenPlace() refuses an address that is none of its network: %s on %s",
  (text, network) => {
    expect(() => parseListenPlace(text, network)).toThrow(
      `Cannot listen as the address must be one of the network "${network}": current value is "${text}"`,
    );
  },
);

test("listenTarget() fails for a name without an address of the network", async () => {
  await expect(listenTarget(parseListenPlace("none.invalid:1", "tcp4"))).rejects.toThrow(
    "none.invalid",
  );
});

test("listenError() names the server, the address, and what the system says", async () => {
  const about = { server: "HttpServer", address: "192.0.2.1:1" };
  const server = createServer().listen({ host: "192.0.2.1", port: 1 });
  const [cause] = await once(server, "error");
  expect(listenError(cause, about)).toMatchObject({
    message:
      'Cannot listen on 192.0.2.1:1 as no interface has this address; set "address" of HttpServer to another',
    cause,
  });
  expect(listenError(new Error("odd"), about).message).toContain("the system refuses it (odd)");
});
