import { create, toJson } from "@bufbuild/protobuf";
import { OrderSchema, Status } from "../gen/bench/v1/order_pb.ts";
import type { H2Load, Suite, Wrk } from "../suite.ts";

/** A nested message, 1 KiB of JSON. */
const order = toJson(
  OrderSchema,
  create(OrderSchema, {
    id: "order-7f3c1a52",
    number: 9_007_199_254_740_993n,
    customer: {
      id: "customer-19",
      name: "Ada Lovelace",
      email: "ada@example.com",
      address: {
        street: "12 St James's Square",
        city: "London",
        postalCode: "SW1Y 4JH",
        country: "United Kingdom",
      },
    },
    items: Array.from({ length: 6 }, (_, at) => ({
      sku: `sku-000${at}`,
      title: `The thing on line number ${at}`,
      quantity: at + 1,
      priceCents: BigInt(1999 * (at + 1)),
    })),
    labels: { channel: "web", campaign: "autumn", region: "eu-west", priority: "normal" },
    createTime: { seconds: 1_789_000_000n, nanos: 123_000_000 },
    updateTime: { seconds: 1_789_000_360n, nanos: 456_000_000 },
    status: Status.PAID,
    gift: true,
    discountRatio: 0.125,
  }),
);

const get = { path: "/hello/world", json: { message: "Hello world" } };
const getLoad: Wrk = { ...get, tool: "wrk", connections: 64 };
const postLoad: Wrk = {
  tool: "wrk",
  path: "/v1/orders",
  connections: 64,
  body: JSON.stringify(order),
  json: order,
};

const peers = [
  { name: "kratos", module: "rest/kratos" },
  { name: "fastify", module: "rest/fastify" },
  { name: "hono", module: "rest/hono" },
  { name: "express 5", module: "rest/express", slow: true },
  { name: "@nestjs/platform-fastify", module: "rest/nest", slow: true },
  { name: "node:http", module: "rest/node-http" },
];

const h2Peers = [
  { name: "kratos", module: "rest/kratos" },
  { name: "fastify http2", module: "rest/fastify-h2" },
];

function h2(connections: number, streams: number): H2Load {
  return { ...get, tool: "h2load", connections, streams };
}

/** REST servers under the same load: JSON read, checked and written, behind two layers. */
export const rest: Suite = {
  name: "rest",
  cases: [
    { name: "get with a path variable, 64 connections", load: getLoad, peers },
    { name: "post 1 KiB, 64 connections", load: postLoad, peers },
    { name: "get over HTTP/2, 8x32 streams", load: h2(8, 32), peers: h2Peers },
    { name: "get over HTTP/2, 64x1 streams", load: h2(64, 1), peers: h2Peers },
  ],
};
