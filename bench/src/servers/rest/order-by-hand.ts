/** What a server without Kratos has to do with an order by hand: check it, make real values of it, and back. */
import { isPlainObject } from "./is-plain-object.ts";

export interface OrderJson {
  readonly id: string;
  readonly number: string;
  readonly customer: CustomerJson;
  readonly items: readonly ItemJson[];
  readonly labels: Readonly<Record<string, string>>;
  readonly createTime: string;
  readonly updateTime: string;
  readonly status: string;
  readonly gift: boolean;
  readonly discountRatio: number;
}

interface CustomerJson {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly address: Readonly<Record<"street" | "city" | "postalCode" | "country", string>>;
}

interface ItemJson {
  readonly sku: string;
  readonly title: string;
  readonly quantity: number;
  readonly priceCents: string;
}

export interface Order extends Omit<
  OrderJson,
  "number" | "items" | "createTime" | "updateTime" | "status"
> {
  readonly number: bigint;
  readonly items: readonly (Omit<ItemJson, "priceCents"> & { readonly priceCents: bigint })[];
  readonly createTime: Date;
  readonly updateTime: Date;
  readonly status: number;
}

const statuses = ["STATUS_UNSPECIFIED", "STATUS_OPEN", "STATUS_PAID"];

/** Makes real values of a body that a schema has checked. */
export function orderOf(json: OrderJson): Order {
  return {
    ...json,
    number: BigInt(json.number),
    items: json.items.map((item) => ({ ...item, priceCents: BigInt(item.priceCents) })),
    createTime: new Date(json.createTime),
    updateTime: new Date(json.updateTime),
    status: statuses.indexOf(json.status),
  };
}

/** The way back. */
export function jsonOf(order: Order): OrderJson {
  return {
    ...order,
    number: String(order.number),
    items: order.items.map((item) => ({ ...item, priceCents: String(item.priceCents) })),
    createTime: order.createTime.toISOString(),
    updateTime: order.updateTime.toISOString(),
    status: statuses[order.status] ?? "",
  };
}

/** Checks a body where no schema does. @throws {TypeError} If it is no order. */
export function checkedOrder(json: unknown): OrderJson {
  const order = record(json);
  texts(order, ["id", "number", "createTime", "updateTime", "status"]);
  const customer = record(order["customer"]);
  texts(customer, ["id", "name", "email"]);
  texts(record(customer["address"]), ["street", "city", "postalCode", "country"]);
  const { items, labels, gift, discountRatio } = order;
  if (!Array.isArray(items)) throw new TypeError("items");
  for (const item of items) {
    texts(record(item), ["sku", "title", "priceCents"]);
    if (!Number.isInteger(record(item)["quantity"])) throw new TypeError("quantity");
  }
  for (const label of Object.values(record(labels))) {
    if (typeof label !== "string") throw new TypeError("labels");
  }
  if (typeof gift !== "boolean" || typeof discountRatio !== "number") throw new TypeError("gift");
  return json as OrderJson; // checked member by member
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  if (!isPlainObject(value)) throw new TypeError("an object is due");
  return value;
}

function texts(object: Readonly<Record<string, unknown>>, names: readonly string[]): void {
  for (const name of names) if (typeof object[name] !== "string") throw new TypeError(name);
}
