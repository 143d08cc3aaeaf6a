import { createServer } from "node:http2";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { Echo } from "../../gen/bench/v1/echo_pb.ts";

const handler = connectNodeAdapter({
  routes: (router) =>
    router.service(Echo, {
      async echo({ text, data }) {
        return { text, data };
      },
      async *echoStream({ text, count }) {
        for (let left = count; left > 0; left -= 1) yield { text };
      },
    }),
});
const server = createServer(handler);
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (address === null || typeof address === "string")
    throw new Error("connect-node listens on no port");
  console.log(`PORT ${address.port}`);
});
