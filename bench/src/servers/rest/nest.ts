import { Body, Controller, Get, HttpCode, Module, Param, Post } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { FastifyAdapter, type NestFastifyApplication } from "@nestjs/platform-fastify";
import { announce } from "./announce.ts";
import { checkedOrder, jsonOf, type OrderJson, orderOf } from "./order-by-hand.ts";

class OrdersController {
  hello(name: string): { message: string } {
    return { message: `Hello ${name}` };
  }

  echoOrder(body: unknown): OrderJson {
    return jsonOf(orderOf(checkedOrder(body)));
  }
}

class AppModule {
  readonly name = "bench";
}

/** What decorators above a method of the controller do. */
function decorate(method: "hello" | "echoOrder", ...decorators: readonly MethodDecorator[]): void {
  const descriptor = Object.getOwnPropertyDescriptor(OrdersController.prototype, method);
  if (descriptor === undefined) throw new Error(`the controller has no method ${method}`);
  for (const apply of decorators) apply(OrdersController.prototype, method, descriptor);
}

decorate("hello", Get("/hello/:name"));
Param("name")(OrdersController.prototype, "hello", 0);
decorate("echoOrder", Post("/v1/orders"), HttpCode(200));
Body()(OrdersController.prototype, "echoOrder", 0);
Controller()(OrdersController);
Module({ controllers: [OrdersController] })(AppModule);

const adapter = new FastifyAdapter();
const app = await NestFactory.create<NestFastifyApplication>(AppModule, adapter, { logger: false });
app.use((_request: unknown, _response: unknown, next: () => void) => next());
app.use((_request: unknown, _response: unknown, next: () => void) => next());
await app.listen(0, "127.0.0.1");
announce(app.getHttpServer());
