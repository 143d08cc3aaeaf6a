import { type DescEnum, type DescEnumValue, getOption, hasOption } from "@bufbuild/protobuf";
import type { GenEnum } from "@bufbuild/protobuf/codegenv2";
import { code as codeOption, default_code } from "@kratosjs/protos/errors/errors_pb.js";
import { fromError } from "./from-error.ts";
import { KratosError } from "./kratos-error.ts";
import type { NamedErrorOptions } from "./named-errors.ts";

type Word<S extends string> = S extends Uppercase<S> ? Capitalize<Lowercase<S>> : Capitalize<S>;
type Pascal<S extends string> = S extends `${infer Head}_${infer Tail}`
  ? `${Word<Head>}${Pascal<Tail>}`
  : Word<S>;
type ReasonName<E> = Extract<keyof E, string>;

/** For each value of the enum a factory `userNotFound(message)` and a test `isUserNotFound(error)`. */
export type ErrorHelpers<E> = {
  readonly [K in ReasonName<E> as Uncapitalize<Pascal<K>>]: (
    message: string,
    options?: NamedErrorOptions,
  ) => KratosError;
} & {
  readonly [K in ReasonName<E> as `is${Pascal<K>}`]: (error: unknown) => boolean;
};

/**
 * Makes the errors that a protobuf enum of reasons declares.
 *
 *     export const errors = defineErrors(ErrorReason, ErrorReasonSchema);
 *     throw errors.userNotFound("no user 7");
 *     if (errors.isUserNotFound(error)) ...
 *
 * A value's code is its option (errors.code), else (errors.default_code) of the enum; a value with
 * neither is no error: touching its helpers throws a TypeError. The test is true for the same reason
 * and the same code, on either side of a wire.
 *
 * @throws {TypeError} If no value of the enum has a code.
 * @throws {RangeError} If a code is outside 0 to 600.
 */
export function defineErrors<E extends Readonly<Record<string, string | number>>>(
  reasons: E,
  schema: GenEnum<E[keyof E] & number>,
): ErrorHelpers<E> {
  const helpers: Record<string, unknown> = {};
  const coded = schema.values.filter((value) => defineValue(helpers, value));
  if (coded.length === 0) {
    throw new TypeError(
      `Cannot define errors as a value must have (errors.code) or the enum (errors.default_code): current value is "${schema.typeName}" with neither`,
    );
  }
  for (const value of schema.values) {
    if (!(value.localName in reasons)) {
      throw new TypeError(
        `Cannot define errors as the enum and its schema must belong together: current value is "${schema.typeName}" with the stranger "${value.localName}"`,
      );
    }
  }
  return helpers as ErrorHelpers<E>; // built key by key from the enum the type is read from
}

function defineValue(helpers: Record<string, unknown>, value: DescEnumValue): boolean {
  const code = codeOf(value, value.parent);
  const name = pascalCase(value.localName);
  const factory = name.charAt(0).toLowerCase() + name.slice(1);
  if (code === 0) {
    for (const helper of [factory, `is${name}`]) forbidHelper(helpers, helper, value);
    return false;
  }
  const reason = value.name;
  helpers[factory] = (message: string, options?: NamedErrorOptions) =>
    new KratosError(message, { ...options, code, reason });
  helpers[`is${name}`] = (error: unknown) => {
    if (error === undefined || error === null) return false;
    const known = fromError(error);
    return known.reason === reason && known.code === code;
  };
  return true;
}

function forbidHelper(
  helpers: Record<string, unknown>,
  helper: string,
  value: DescEnumValue,
): void {
  Object.defineProperty(helpers, helper, {
    enumerable: false,
    get() {
      throw new TypeError(
        `Cannot use ${helper} as "${value.name}" must have (errors.code): current value is none`,
      );
    },
  });
}

function codeOf(value: DescEnumValue, parent: DescEnum): number {
  const own = hasOption(value, codeOption) ? getOption(value, codeOption) : 0;
  const code =
    own !== 0 ? own : hasOption(parent, default_code) ? getOption(parent, default_code) : 0;
  if (code < 0 || code > 600) {
    throw new RangeError(
      `Cannot define errors as (errors.code) of "${value.name}" must be 0 to 600: current value is ${code}`,
    );
  }
  return code;
}

/** Go Kratos's name of an enum value: words between underscores, shouted ones lowered, each capitalized. */
export function pascalCase(name: string): string {
  return name
    .split("_")
    .map((word) => (word === word.toUpperCase() ? word.toLowerCase() : word))
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join("");
}
