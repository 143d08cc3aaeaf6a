import type { FastifyInstance } from "fastify";
import { jsonOf, type OrderJson, orderOf } from "./order-by-hand.ts";

const text = { type: "string" } as const;
const texts = (...names: readonly string[]): object => ({
  type: "object",
  properties: Object.fromEntries(names.map((name) => [name, text])),
  required: names,
});
const address = texts("street", "city", "postalCode", "country");
const order = {
  type: "object",
  required: ["id", "number", "customer", "items", "labels", "createTime", "updateTime"],
  properties: {
    id: text,
    number: text,
    customer: {
      type: "object",
      properties: { id: text, name: text, email: text, address },
      required: ["id", "name", "email", "address"],
    },
    items: {
      type: "array",
      items: {
        type: "object",
        properties: { sku: text, title: text, quantity: { type: "integer" }, priceCents: text },
        required: ["sku", "title", "quantity", "priceCents"],
      },
    },
    labels: { type: "object", additionalProperties: text },
    createTime: text,
    updateTime: text,
    status: text,
    gift: { type: "boolean" },
    discountRatio: { type: "number" },
  },
} as const;

/** The routes of the bench with schemas, behind two hooks. */
export function addRoutes(server: FastifyInstance): void {
  server.addHook("onRequest", async () => {});
  server.addHook("preHandler", async () => {});
  const hello = { params: texts("name"), response: { 200: texts("message") } };
  server.get<{ Params: { name: string } }>("/hello/:name", { schema: hello }, async (request) => ({
    message: `Hello ${request.params.name}`,
  }));
  const echo = { body: order, response: { 200: order } };
  server.post<{ Body: OrderJson }>("/v1/orders", { schema: echo }, async (request) =>
    jsonOf(orderOf(request.body)),
  );
}
