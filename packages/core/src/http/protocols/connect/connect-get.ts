import { base64Encode } from "@bufbuild/protobuf/wire";
import { MethodOptions_IdempotencyLevel } from "@bufbuild/protobuf/wkt";
import type { DescMethod } from "@bufbuild/protobuf";
import { type Codec, decodeUtf8 } from "../../../encoding/index.ts";
import type { PackedBody } from "../content-encoding.ts";

/** Whether a method declares that calling it changes nothing. */
export function isSafe({ idempotency }: DescMethod): boolean {
  return idempotency === MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS;
}

/** The query of a call by GET: the message is text where it can be, else base64. */
export function connectGetQuery({ body, encoding }: PackedBody, codec: Codec): string {
  const bytes = body ?? new Uint8Array(0);
  const isText = codec.name === "json" && encoding === "";
  const message = isText ? encodeURIComponent(decodeUtf8(bytes)) : base64Encode(bytes, "url");
  const base64 = isText ? "" : "&base64=1";
  const compression = encoding === "" ? "" : `&compression=${encoding}`;
  return `connect=v1${base64}${compression}&encoding=${codec.name}&message=${message}`;
}
