import { Client, credentials } from "@grpc/grpc-js";
import type { GrpcCall } from "../suite.ts";

const identity = (bytes: Buffer): Buffer => bytes;

/**
 * Makes one call of the load with grpc-js, as h2load reads neither messages nor trailers.
 * @throws {Error} If the status is not OK or the replies are not what the load says.
 */
export async function probe(
  load: GrpcCall & { readonly path: string },
  port: number,
): Promise<void> {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  try {
    const message = Buffer.from(load.body.subarray(5));
    let count = 0;
    for await (const reply of client.makeServerStreamRequest(
      load.path,
      identity,
      identity,
      message,
    )) {
      // The stream is of what `identity` answers.
      if (!(reply as Buffer).equals(load.reply.message))
        throw new Error(`the reply is wrong: ${(reply as Buffer).toString("latin1")}`);
      count += 1;
    }
    if (count !== load.reply.count)
      throw new Error(`there are ${count} replies where ${load.reply.count} are due`);
  } finally {
    client.close();
  }
}
