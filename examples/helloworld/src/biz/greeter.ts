import { defineErrors, type ErrorHelpers } from "@kratosjs/core/errors";
import type { Context } from "@kratosjs/core/context";
import { ErrorReason, ErrorReasonSchema } from "../gen/helloworld/v1/error_reason_pb.ts";

/** The errors that api/helloworld/v1/error_reason.proto declares. */
export const errors: ErrorHelpers<typeof ErrorReason> = defineErrors(
  ErrorReason,
  ErrorReasonSchema,
);

export interface Person {
  readonly name: string;
}

/** What the use cases need of the world; implemented in data/. */
export interface PersonRepository {
  find(name: string, ctx: Context): Promise<Person | undefined>;
}

/** The rules of greeting, free of any wire and any store. */
export class GreeterUsecase {
  readonly #people: PersonRepository;
  readonly #salutation: string;

  constructor(people: PersonRepository, salutation: string) {
    this.#people = people;
    this.#salutation = salutation;
  }

  /** @throws GREETER_NOT_FOUND if nobody has the name. */
  async greet(name: string, ctx: Context): Promise<string> {
    const person = await this.#people.find(name, ctx);
    if (person === undefined) {
      throw errors.greeterNotFound(`there is nobody called "${name}"`, { metadata: { name } });
    }
    return `${this.#salutation} ${person.name}`;
  }
}
