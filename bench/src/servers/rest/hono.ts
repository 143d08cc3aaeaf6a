import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { announce } from "./announce.ts";
import { checkedOrder, jsonOf, orderOf } from "./order-by-hand.ts";

const app = new Hono();
app.use(async (_context, next) => next());
app.use(async (_context, next) => next());
app.get("/hello/:name", (context) =>
  context.json({ message: `Hello ${context.req.param("name")}` }),
);
app.post("/v1/orders", async (context) =>
  context.json(jsonOf(orderOf(checkedOrder(await context.req.json())))),
);
const server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 }, () => announce(server));
