import { grpcFailure, type KratosError } from "../../errors/index.ts";

/** The error of an answer of another type than asked for; `isKnown` tells whether it is one of the protocol's. */
export function contentTypeError(
  contentType: string,
  { isKnown }: { readonly isKnown: boolean },
): KratosError {
  return grpcFailure(isKnown ? "INTERNAL" : "UNKNOWN", `unexpected content-type "${contentType}"`);
}
