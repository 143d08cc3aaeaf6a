import { badRequest, KratosError } from "../../errors/index.ts";

/** Makes the error of a body that is not what it says it is. */
export function malformed(rule: string, options: { readonly cause?: unknown } = {}): KratosError {
  return badRequest("MULTIPART", `the multipart body is malformed: ${rule}`, options);
}

/** Makes the error of a body over one of its limits. */
export function overLimit(what: string): KratosError {
  return new KratosError(`the multipart body is over its limit: ${what}`, {
    code: 413,
    reason: "MULTIPART_LIMIT",
  });
}
