import type { DescMethod } from "@bufbuild/protobuf";
import type { Codec } from "../../encoding/index.ts";
import { badRequest, messageOf } from "../../errors/index.ts";
import { planRest, type RestPlan, type RestPlanParts } from "./rest-plan.ts";

/** The plans of a method: one a codec, made when a call first asks for it. */
export class RestPlans {
  /** The plan of calls that say nothing of their codec. */
  readonly usual: RestPlan;
  readonly #method: DescMethod;
  readonly #parts: RestPlanParts;
  readonly #others: Map<Codec, RestPlan> = new Map();

  /** @throws {TypeError} If the rule of the method is impossible. */
  constructor(method: DescMethod, parts: RestPlanParts) {
    this.usual = planRest(method, parts);
    this.#method = method;
    this.#parts = parts;
  }

  /** Rejects with 400 CODEC where no codec has this Content-Type, or the body of the method no form in it. */
  async of(contentType: string): Promise<RestPlan> {
    const codec = this.#parts.codecs.forContentType(contentType);
    if (codec === undefined) throw badRequest("CODEC", `unregister Content-Type: ${contentType}`);
    if (codec === this.#parts.codec) return this.usual;
    try {
      const plan = this.#others.get(codec) ?? planRest(this.#method, { ...this.#parts, codec });
      this.#others.set(codec, plan);
      return plan;
    } catch (error) {
      throw badRequest("CODEC", messageOf(error), { cause: error });
    }
  }
}
