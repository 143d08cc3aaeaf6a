import { createServer, type ServerResponse } from "node:http";
import { announce } from "./announce.ts";
import { checkedOrder, jsonOf, orderOf } from "./order-by-hand.ts";

const prefix = "/hello/";
const server = createServer((request, response) => {
  const { method, url = "" } = request;
  if (method === "GET" && url.startsWith(prefix)) {
    reply(response, { message: `Hello ${decodeURIComponent(url.slice(prefix.length))}` });
    return;
  }
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const body: unknown = JSON.parse(Buffer.concat(chunks).toString());
    reply(response, jsonOf(orderOf(checkedOrder(body))));
  });
});

function reply(response: ServerResponse, value: object): void {
  const body = JSON.stringify(value);
  const length = Buffer.byteLength(body);
  response.writeHead(200, { "Content-Type": "application/json", "Content-Length": length });
  response.end(body);
}

server.listen(0, "127.0.0.1", () => announce(server));
