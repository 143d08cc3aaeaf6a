import type { ServiceImpl } from "@kratosjs/core";
import { sleep } from "@kratosjs/core/context";
import { errors, type GreeterUsecase } from "../biz/greeter.ts";
import type { Greeter } from "../gen/helloworld/v1/greeter_pb.ts";

const maxCount = 100;
const pauseMs = 100;

/** The API of api/helloworld/v1/greeter.proto, told in terms of the use cases. */
export function greeterService(greeter: GreeterUsecase): ServiceImpl<typeof Greeter> {
  return {
    async sayHello({ name }, ctx) {
      return { message: await greeter.greet(name, ctx) };
    },

    async *sayHelloStream({ name, count }, ctx) {
      const total = count === 0 ? 3 : count;
      if (total < 0 || total > maxCount) {
        throw errors.greeterCountInvalid(
          `Cannot greet as 'count' must be 0 to ${maxCount}: current value is ${count}`,
        );
      }
      for (let number = 1; number <= total; number += 1) {
        if (number > 1) await sleep(pauseMs, { signal: ctx.signal });
        yield { message: `${await greeter.greet(name, ctx)} (${number} of ${total})` };
      }
    },
  };
}
