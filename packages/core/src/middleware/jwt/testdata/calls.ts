import { background, type Context } from "../../../context/index.ts";
import {
  HeaderMap,
  type Transport,
  withClientTransport,
  withServerTransport,
} from "../../../transport/index.ts";
import type { Middleware } from "../../index.ts";
import { type JwtClaims, jwtClaims } from "../index.ts";

function transportOf(requestHeader: HeaderMap): Transport {
  return {
    kind: "http",
    endpoint: "",
    operation: "/a/b",
    requestHeader,
    replyHeader: new HeaderMap(),
  };
}

/** The context of a call that is answered, with the header if there is one. */
export function answering(authorization?: string): Context {
  const header = new HeaderMap(
    authorization === undefined ? [] : [["Authorization", authorization]],
  );
  return withServerTransport(background, transportOf(header));
}

/** The claims that a method sees. */
export async function claimsSeen(
  middleware: Middleware,
  context: Context,
): Promise<JwtClaims | undefined> {
  let seen: JwtClaims | undefined;
  await middleware(async (_request, inside) => {
    seen = jwtClaims(inside);
    return undefined;
  })(undefined, context);
  return seen;
}

/** What a client sends as Authorization. */
export async function authorizationSent(middleware: Middleware): Promise<string> {
  const header = new HeaderMap();
  const handler = middleware(async () => header.get("authorization"));
  return String(await handler(undefined, withClientTransport(background, transportOf(header))));
}
