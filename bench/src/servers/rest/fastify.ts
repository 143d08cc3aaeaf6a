import { fastify } from "fastify";
import { announce } from "./announce.ts";
import { addRoutes } from "./fastify-app.ts";

const server = fastify();
addRoutes(server);
await server.listen({ host: "127.0.0.1", port: 0 });
announce(server.server);
