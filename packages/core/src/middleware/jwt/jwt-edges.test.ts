import { afterEach, expect, test } from "vitest";
import { HttpClient } from "../../http/index.ts";
import { Library } from "../../http/testdata/library_pb.js";
import { libraryServer, serve, stopServers } from "../../http/testdata/serve.ts";
import { nopLogger } from "../../log/index.ts";
import { createClient } from "../../rpc/index.ts";
import { recovery } from "../recovery/index.ts";
import { selector } from "../selector/index.ts";
import { clientJwt, jwt, jwtClaims } from "./index.ts";
import { authorizationSent } from "./testdata/calls.ts";

afterEach(stopServers);

const secret = "a secret that is long enough: 32 bytes and more";

/** Titles books with who asks for them. */
const asked = {
  async getBook({ id }: { readonly id: bigint }, ctx: Parameters<typeof jwtClaims>[0]) {
    return { id, title: jwtClaims(ctx)?.sub ?? "nobody" };
  },
};

test("jwt() answers 401 over HTTP, and shows methods the claims", async () => {
  const server = libraryServer({ middleware: [recovery(), jwt(secret)] }, asked);
  const ask = (headers: Record<string, string>): ReturnType<typeof server.inject> =>
    server.inject({ path: "/v1/books/1", headers });
  const refused = await ask({});
  expect(refused.status).toBe(401);
  expect(refused.json()).toMatchObject({
    code: 401,
    reason: "UNAUTHORIZED",
    message: "JWT token is missing",
  });
  expect((await ask({ authorization: "Bearer x.y.z" })).json()).toMatchObject({
    message: "Token is invalid",
  });
  const authorization = await authorizationSent(clientJwt(secret, { claims: { sub: "ada" } }));
  const reply = await ask({ authorization });
  expect(reply.status).toBe(200);
  expect(reply.json()).toMatchObject({ title: "ada" });
});

test("clientJwt() signs the calls of a client, unary ones and streams", async () => {
  const { host } = await serve({ middleware: [jwt(secret)] }, asked);
  const signed = new HttpClient({
    endpoint: host,
    logger: nopLogger,
    middleware: [clientJwt(secret, { claims: { sub: "shop" } })],
  });
  const bare = new HttpClient({ endpoint: host, logger: nopLogger });
  try {
    const books = createClient(Library, signed);
    expect((await books.getBook({ id: 1n })).title).toBe("shop");
    const ids: bigint[] = [];
    for await (const book of books.watchBooks({ pageSize: 2 })) ids.push(book.id);
    expect(ids).toEqual([1n, 2n]);
    await expect(createClient(Library, bare).getBook({ id: 1n })).rejects.toMatchObject({
      code: 401,
      reason: "UNAUTHORIZED",
      message: "JWT token is missing",
    });
  } finally {
    await Promise.all([signed.close(), bare.close()]);
  }
});

test("jwt() in a selector lets the other operations pass", async () => {
  const guarded = selector(jwt(secret)).path("/library.v1.Library/Ping");
  const server = libraryServer({ middleware: [guarded] }, asked);
  expect((await server.inject({ path: "/v1/books/1" })).json()).toMatchObject({ title: "nobody" });
  const ping = { method: "POST", path: "/library.v1.Library/Ping", body: {} };
  expect((await server.inject(ping)).status).toBe(401);
});
