import express from "express";
import { announce } from "./announce.ts";
import { checkedOrder, jsonOf, orderOf } from "./order-by-hand.ts";

const app = express();
app.use((_request, _response, next) => next());
app.use((_request, _response, next) => next());
app.get("/hello/:name", (request, response) => {
  response.json({ message: `Hello ${request.params.name}` });
});
app.post("/v1/orders", express.json(), (request, response) => {
  response.json(jsonOf(orderOf(checkedOrder(request.body))));
});
const server = app.listen(0, "127.0.0.1", () => announce(server));
