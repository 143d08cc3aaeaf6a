/** The cases of error-from that need a wire: what a server writes, what a client makes of an answer. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Health } from "@kratosjs/protos/grpc/health/v1/health_pb.js";
import { describe, expect, it } from "vitest";
import { KratosError } from "../errors/index.ts";
import { createClient } from "../rpc/index.ts";
import { HttpClient, HttpServer } from "./index.ts";

interface Case {
  readonly name: string;
  readonly input: {
    readonly op: string;
    readonly error: { readonly kind: string; readonly message: string; readonly code: number };
    readonly status: number;
    readonly contentType: string;
    readonly body: string;
  };
  readonly expected: {
    readonly status: number;
    readonly contentType: string;
    readonly body: object;
  } | null;
}

const file = new URL("../errors/testdata/error-from.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(file, "utf8")) as { readonly cases: readonly Case[] }; // the file's own form

// Error bodies have v2's shape: all four members, where v3 leaves empty ones out.
const v3Only = "http body v3 omits empty fields";

describe("error bodies by the vectors", () => {
  const bodies = cases.filter(({ name, input }) => input.op === "httpBody" && name !== v3Only);
  it.each(bodies)("$name", async ({ input: { error }, expected }) => {
    const server = new HttpServer();
    server.route("/").GET("/fails", () => {
      throw error.kind === "plain"
        ? new Error(error.message)
        : new KratosError(error.message, { code: error.code });
    });
    const reply = await server.inject({ path: "/fails" });
    expect(reply.status).toBe(expected?.status);
    expect(reply.json()).toEqual(expected?.body);
  });
});

describe("a client's errors by the vectors", () => {
  it.each(cases.filter(({ input }) => input.op === "clientDecode"))(
    "$name",
    async ({ input, expected }) => {
      const { status, contentType, body } = input;
      const peer = createServer((_request, response) => {
        response.writeHead(status, contentType === "" ? {} : { "content-type": contentType });
        response.end(body);
      }).listen(0, "127.0.0.1");
      await once(peer, "listening");
      const { port } = peer.address() as AddressInfo;
      const client = new HttpClient({ endpoint: `127.0.0.1:${port}` });
      const outcome = await createClient(Health, client)
        .check({})
        .catch((error: unknown) => error);
      await client.close();
      peer.close();
      if (expected === null) expect(outcome).not.toBeInstanceOf(Error);
      else expect(outcome).toMatchObject(expected);
    },
  );
});
