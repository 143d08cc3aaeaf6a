import { afterEach, expect, test } from "vitest";
import { contentDisposition, type Exchange } from "../index.ts";
import { redirect } from "../server/redirect.ts";
import { KratosError } from "../../errors/index.ts";
import { serverTransport } from "../../transport/index.ts";
import { askH2, closeH2, openH2 } from "../testdata/h2-client.ts";
import { libraryServer, serve, speak, stopServers } from "../testdata/serve.ts";

afterEach(async () => {
  closeH2();
  await stopServers();
});

const breaks = [
  "a\r\nX-Injected: 1",
  "a\nX-Injected: 1",
  "a\rX-Injected: 1",
  "a\0b",
  "a\u010d\u010aX-Injected: 1",
  "a\u2028b",
];

test.each(breaks)("a header of a reply cannot be %j", async (value) => {
  const { host, origin } = await serve(
    {},
    {
      async getBook({ shelf }, ctx) {
        serverTransport(ctx)?.replyHeader.set("x-shelf", shelf);
        return {};
      },
    },
  );
  const target = `/v1/shelves/${encodeURIComponent(value)}/books/1`;
  const said = await speak(host, `GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
  const [head = ""] = said.split("\r\n\r\n");
  expect(head).not.toMatch(/^x-injected/im);
  expect(head.split("\n").length).toBe(head.split("\r\n").length);
  const over2 = await askH2(await openH2(origin), { path: target });
  expect(over2.headers["x-injected"]).toBeUndefined();
  expect((await fetch(`${origin}/v1/shelves/a/books/1`)).headers.get("x-shelf")).toBe("a");
});

test.each([...breaks, "//evil\\\r\n", "\u0000"])(
  "a redirect cannot break the line: %j",
  async (value) => {
    const { server, host } = await serve();
    server.route("/").handle({ method: "GET", path: "/go" }, () => redirect(`/to/${value}`));
    const said = await speak(host, "GET /go HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    expect(said).toMatch(/^HTTP\/1\.1 302/);
    const [head = ""] = said.split("\r\n\r\n");
    expect(head).not.toMatch(/^x-injected/im);
    // oxlint-disable-next-line no-control-regex -- those are what must not be there
    expect(head.replaceAll("\r\n", "")).not.toMatch(/[\0-\x1f]/);
  },
);

test.each([
  "/v1/titles%0d%0aX-Injected:%201/",
  "//v1%0d%0aX-Injected:%201",
  "/v1/titles/?a=%0d%0aX-Injected:%201",
])("the redirect to the clean path of %s cannot break the line", async (target) => {
  const { host } = await serve();
  const said = await speak(host, `GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
  expect(said.split("\r\n\r\n")[0]).not.toMatch(/^x-injected/im);
  expect(said).toMatch(/^HTTP\/1\.1 [34]/);
});

test.each(breaks)("the name of a file in Content-Disposition cannot be %j", async (value) => {
  const line = contentDisposition("attachment", value);
  // oxlint-disable-next-line no-control-regex -- those are what must not be there
  expect(line).not.toMatch(/[\0-\x1f\x7f]|[^\0-\xff]/);
});

test.each(breaks)("a cookie cannot be %j", async (value) => {
  const server = libraryServer();
  server.handle("/cookie", (exchange: Exchange) => {
    exchange.replyHeader.add("Set-Cookie", `a=${value}`);
    exchange.reply({ status: 200 });
  });
  const reply = await server.inject({ path: "/cookie" });
  expect(reply.status).toBe(500);
  expect(reply.headers["x-injected"]).toBeUndefined();
});

test("a header given with an answer cannot break the line", async () => {
  const server = libraryServer();
  server.handle("/raw", (exchange: Exchange) =>
    exchange.reply({ status: 200, headers: ["X-A", "a\r\nX-Injected: 1"] }),
  );
  const reply = await server.inject({ path: "/raw" });
  expect([reply.status, reply.headers["x-injected"]]).toEqual([500, undefined]);
});

test.each(["transfer-encoding", "content-length", "connection"])(
  "a handler cannot frame the answer by the header %s",
  async (name) => {
    const { host, origin } = await serve(
      {},
      {
        async getBook(_request, ctx) {
          serverTransport(ctx)?.replyHeader.set(name, "0");
          return { title: "HTTP/1.1 200 OK" };
        },
      },
    );
    const said = await speak(
      host,
      "GET /v1/books/1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    );
    expect(said).toMatch(/^HTTP\/1\.1 500/);
    expect((await fetch(`${origin}/v1/titles`)).status).toBe(200);
  },
);

test("the texts of an error stay inside of the body", async () => {
  const reason = "A\r\nX-Injected: 1";
  const { origin } = await serve(
    {},
    {
      async getBook() {
        throw new KratosError("b\r\nX-Injected: 1", {
          code: 400,
          reason,
          metadata: { "c\r\n": "d\r\n" },
        });
      },
    },
  );
  for (const headers of [
    {},
    { "connect-protocol-version": "1", "content-type": "application/json" },
  ]) {
    const reply = await fetch(`${origin}/v1/books/1`, { headers });
    expect([reply.status, reply.headers.get("x-injected")]).toEqual([400, null]);
  }
  const web = await fetch(`${origin}/library.v1.Library/GetBook`, {
    method: "POST",
    headers: { "content-type": "application/grpc-web" },
    body: new Uint8Array(5),
  });
  expect(web.headers.get("x-injected")).toBeNull();
  expect(await web.text()).not.toMatch(/\r\nx-injected/i);
});
