import { create, type DescField, type DescMessage, type Message } from "@bufbuild/protobuf";
import type { HttpBody } from "@kratosjs/protos/google/api/httpbody_pb.js";
import { type MemberPlace, memberOf, messageAround } from "../../encoding/index.ts";

/** What an HttpBody holds. */
export interface RawContent {
  /** The Content-Type, "" where none is known. */
  readonly contentType: string;
  readonly data: Uint8Array;
}

/** Where the google.api.HttpBody of a body is: the whole message, or one field of it. */
export interface HttpBodyPlace {
  /** Makes a message that holds this content and nothing else. */
  wrap(content: RawContent): Message;
  /** The HttpBody of a message; undefined where its field is not set. */
  unwrap(message: Message): HttpBody | undefined;
}

/** What sends a body whose HttpBody says nothing of its type. */
export const unknownContentType = "application/octet-stream";

/** Whether messages of this type are raw bodies; any generated copy of google.api.HttpBody counts. */
export function isHttpBodySchema(schema: DescMessage): boolean {
  return schema.typeName === "google.api.HttpBody";
}

/** Finds the HttpBody of a body; undefined where the body is an ordinary message or field. */
export function httpBodyPlace(shape: {
  readonly schema: DescMessage;
  readonly field: DescField | undefined;
}): HttpBodyPlace | undefined {
  const { schema, field } = shape;
  if (field === undefined) return isHttpBodySchema(schema) ? wholePlace(schema) : undefined;
  if (field.fieldKind !== "message" || !isHttpBodySchema(field.message)) return undefined;
  return fieldPlace({ schema, field });
}

/** Answers what a client sends for the HttpBody of a message: its bytes with its type, or nothing where it is not set. */
export function rawRequestBody(
  place: HttpBodyPlace,
  message: Message,
): { readonly body: Uint8Array | undefined; readonly contentType: string } {
  const held = place.unwrap(message);
  return { body: held?.data, contentType: held?.contentType || unknownContentType };
}

function wholePlace(schema: DescMessage): HttpBodyPlace {
  return {
    wrap: (content) => createHttpBody(schema, content),
    unwrap: (message) => message as HttpBody, // its schema is that of an HttpBody
  };
}

function fieldPlace(place: MemberPlace): HttpBodyPlace {
  return {
    wrap: (content) => messageAround(createHttpBody(place.field.message, content), place),
    unwrap: (message) => memberOf(message, place) as HttpBody | undefined, // its schema is that of an HttpBody
  };
}

/** Makes an HttpBody of the generated copy at hand. */
export function createHttpBody(schema: DescMessage, content: RawContent): HttpBody {
  const body = create(schema) as HttpBody; // its schema is that of an HttpBody
  body.contentType = content.contentType;
  body.data = content.data;
  return body;
}
