import { type FastifyInstance, fastify } from "fastify";
import { announce } from "./announce.ts";
import { addRoutes } from "./fastify-app.ts";

const server = fastify({ http2: true });
addRoutes(server as unknown as FastifyInstance); // the same methods over another server's types
await server.listen({ host: "127.0.0.1", port: 0 });
announce(server.server);
