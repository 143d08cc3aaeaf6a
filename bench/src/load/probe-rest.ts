import { isDeepStrictEqual } from "node:util";
import { once } from "node:events";
import { connect } from "node:http2";
import { text } from "node:stream/consumers";
import type { H2Load, Wrk } from "../suite.ts";

/**
 * Makes one request of the load, as the load generators do not read what they are answered.
 * @throws {Error} If the answer is not what the load says.
 */
export async function probeRest(load: H2Load | Wrk, port: number): Promise<void> {
  const origin = `http://127.0.0.1:${port}`;
  const answer: unknown = JSON.parse(
    load.tool === "h2load" ? await overH2(load, origin) : await overH1(load, origin),
  );
  if (!isDeepStrictEqual(answer, load.json)) {
    throw new Error(`the answer is wrong: ${JSON.stringify(answer)}`);
  }
}

async function overH1({ path, body }: Wrk, origin: string): Promise<string> {
  const headers = { "content-type": "application/json" };
  const post = body === undefined ? {} : { method: "POST", body, headers };
  const response = await fetch(`${origin}${path}`, post);
  return response.text();
}

async function overH2({ path }: H2Load, origin: string): Promise<string> {
  const session = connect(origin);
  const stream = session.request({ ":path": path });
  const [answer] = await Promise.all([text(stream), once(stream, "response")]);
  session.close();
  return answer;
}
