import { validateHeaderValue } from "node:http";
import { internalServer, messageOf } from "../../errors/index.ts";
import { unknownContentType } from "./http-body-place.ts";

/**
 * Answers the Content-Type to send for an HttpBody.
 * @throws {KratosError} 500 CODEC for one that is no header value
 */
export function rawContentType(contentType: string | undefined): string {
  if (contentType === undefined || contentType === "") return unknownContentType;
  try {
    validateHeaderValue("Content-Type", contentType);
  } catch (error) {
    throw internalServer("CODEC", `content_type of HttpBody: ${messageOf(error)}`, {
      cause: error,
    });
  }
  return contentType;
}
