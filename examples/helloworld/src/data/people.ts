import type { Person, PersonRepository } from "../biz/greeter.ts";

/** Knows everybody but nobody. A real service would ask a database here. */
export function peopleInMemory(): PersonRepository {
  return {
    async find(name): Promise<Person | undefined> {
      return name === "" || name === "nobody" ? undefined : { name };
    },
  };
}
