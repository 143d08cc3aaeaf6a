import type { ServiceImpl } from "@kratosjs/core";
import type { Greeter } from "../gen/helloworld/v1/greeter_pb.ts";

/** The work every server of the suite does. */
export const greeter: ServiceImpl<typeof Greeter> = {
  async sayHello({ name }) {
    return { message: `Hello ${name}` };
  },
  async *sayHelloStream({ name, count }) {
    for (let left = count; left > 0; left -= 1) yield { message: `Hello ${name}` };
  },
};
