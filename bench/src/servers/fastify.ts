import { fastify } from "fastify";

const server = fastify();
const name = { type: "string" } as const;
const schema = {
  params: { type: "object", properties: { name }, required: ["name"] },
  response: { 200: { type: "object", properties: { message: name } } },
} as const;
server.get<{ Params: { name: string } }>("/helloworld/:name", { schema }, async (request) => ({
  message: `Hello ${request.params.name}`,
}));
await server.listen({ host: "127.0.0.1", port: 0 });
const address = server.server.address();
if (address === null || typeof address === "string") throw new Error("fastify listens on no port");
console.log(`PORT ${address.port}`);
