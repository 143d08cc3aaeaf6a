import { describe, expect, it } from "vitest";
import { background } from "../../context/index.ts";
import { nodeFromInstance } from "../index.ts";
import { randomSelector } from "./index.ts";

describe("randomSelector()", () => {
  it("gives every node the same range of chance", () => {
    let draw = 0;
    const selector = randomSelector({ random: () => draw });
    selector.apply(
      ["a:1", "b:1", "c:1"].map((address) => nodeFromInstance({ scheme: "grpc", address })),
    );
    const picked = [0, 0.33, 0.34, 0.66, 0.67, 0.999].map((number) => {
      draw = number;
      return selector.select(background).node.address;
    });
    expect(picked).toEqual(["a:1", "a:1", "b:1", "b:1", "c:1", "c:1"]);
  });
});
