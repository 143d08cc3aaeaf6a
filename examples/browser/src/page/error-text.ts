import { fromError } from "@kratosjs/core/errors";

/** What a person is told of a failed call. */
export function errorText(error: unknown): string {
  const { code, reason, message } = fromError(error);
  return [code, reason, message].filter((part) => part !== "").join(" · ");
}
