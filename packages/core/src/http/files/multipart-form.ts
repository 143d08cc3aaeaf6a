/**
 * Binds bodies of the type multipart/form-data to messages, a part a field, by name as in a form: texts by
 * the rules of forms, files into `bytes` and google.api.HttpBody, other types that a codec knows into messages.
 */
import { type DescField, type DescMessage, type Message, ScalarType } from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { type CodecRegistry, DecodeError, decodeUtf8 } from "../../encoding/index.ts";
import { createFormReader, type FormPath, resolveFormKey } from "../../encoding/form/index.ts";
import { createHttpBody, isHttpBodySchema } from "./http-body-place.ts";
import { overLimit } from "./multipart-error.ts";
import type { MultipartLimits } from "./multipart-limits.ts";
import { type MultipartPart, readMultipart } from "./multipart-reader.ts";
import type { PartHead } from "./part-head.ts";

/** Makes the message of a body that is all there. */
export type MultipartDecoder = (body: Uint8Array, contentType: string) => Promise<Message>;

/** What parts are bound with. */
export interface MultipartFormOptions {
  readonly limits: Required<MultipartLimits>;
  /** What parts that are messages may be written in. */
  readonly codecs: CodecRegistry;
}

/** Composes the decoder of a body; undefined where the body is a field that is no message. */
export function createMultipartDecoder(
  shape: { readonly schema: DescMessage; readonly field: DescField | undefined },
  options: MultipartFormOptions,
): MultipartDecoder | undefined {
  const { schema, field } = shape;
  if (field === undefined) return formDecoder(schema, options);
  if (field.fieldKind !== "message") return undefined;
  const decode = formDecoder(field.message, options);
  return async (body, contentType) => {
    const parent = reflect(schema);
    parent.set(field, reflect(field.message, await decode(body, contentType)));
    return parent.message;
  };
}

function formDecoder(
  schema: DescMessage,
  { limits, codecs }: MultipartFormOptions,
): MultipartDecoder {
  const readTexts = createFormReader(schema);
  return async (body, contentType) => {
    const root = reflect(schema);
    const texts = new Map<string, string[]>();
    const taken = new Set<string>();
    for await (const part of readMultipart(once(body), { contentType, limits })) {
      const path = resolveFormKey(schema, part.name);
      if (path === undefined) continue; // as a key of a form that no field has
      if (isText(part, path)) {
        append(texts, part.name, await readText(part, limits.maxFieldBytes));
        continue;
      }
      const data = await readAll(part, Infinity); // the body has its own limit
      // A form sends this where no file was chosen.
      if (part.filename === "" && data.length === 0) continue;
      const name = pathName(path);
      if (path.target.field.fieldKind !== "list" && taken.has(name)) throw twice(part);
      taken.add(name);
      put(root, path, valueOf({ ...part, data }, path.target.field, codecs));
    }
    readTexts(root.message, texts);
    return root.message;
  };
}

/**
 * Reads a part as text.
 * @throws {KratosError} 413 MULTIPART_LIMIT
 */
export async function readText(part: MultipartPart, maxBytes: number): Promise<string> {
  return decodeUtf8(await readAll(part, maxBytes));
}

function append(texts: Map<string, string[]>, name: string, text: string): void {
  const known = texts.get(name);
  if (known === undefined) texts.set(name, [text]);
  else known.push(text);
}

async function readAll(part: MultipartPart, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of part.data) {
    size += chunk.length;
    if (size > maxBytes) {
      throw overLimit(`field ${JSON.stringify(part.name)} is more than ${maxBytes} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Only an HttpBody takes a text as it is; elsewhere texts are what forms write. */
function isText(part: MultipartPart, { target: { field } }: FormPath): boolean {
  const message = messageIn(field);
  return !part.isFile && (message === undefined || !isHttpBodySchema(message));
}

/** What a part is to a field: bytes, or a message. */
function valueOf(
  part: PartHead & { readonly data: Uint8Array },
  field: DescField,
  codecs: CodecRegistry,
): Uint8Array | ReflectMessage {
  const { contentType, data } = part;
  if (isBytes(field)) return data;
  const schema = messageIn(field);
  if (schema !== undefined && isHttpBodySchema(schema)) {
    return reflect(schema, createHttpBody(schema, { contentType, data }));
  }
  const codec = part.filename === undefined ? codecs.forContentType(contentType) : undefined;
  if (codec === undefined || schema === undefined) throw takesNoFile(part, field);
  return reflect(schema, codec.decoder(schema)(data));
}

function put(root: ReflectMessage, path: FormPath, value: Uint8Array | ReflectMessage): void {
  let parent = root;
  for (const { field } of path.parents) {
    if (field.fieldKind !== "message") return; // a path goes through messages alone
    if (!parent.isSet(field)) setFree(parent, field, reflect(field.message));
    parent = parent.get(field);
  }
  const { field } = path.target;
  if (field.fieldKind === "list") parent.get(field).add(value);
  else setFree(parent, field, value);
}

/** Sets a field unless another member of its oneof is set. */
function setFree(
  parent: ReflectMessage,
  field: DescField,
  value: Uint8Array | ReflectMessage,
): void {
  if (field.oneof !== undefined && parent.oneofCase(field.oneof) !== undefined) {
    throw new DecodeError(`field already set for oneof "${field.oneof.name}"`);
  }
  parent.set(field, value);
}

function isBytes(field: DescField): boolean {
  return "scalar" in field && field.fieldKind !== "map" && field.scalar === ScalarType.BYTES;
}

function messageIn(field: DescField): DescMessage | undefined {
  return field.fieldKind === "message" || field.fieldKind === "list" ? field.message : undefined;
}

function pathName({ parents, target }: FormPath): string {
  return [...parents, target].map(({ field }) => field.name).join(".");
}

function takesNoFile({ name, filename, contentType }: PartHead, field: DescField): DecodeError {
  const shown = JSON.stringify(filename ?? contentType);
  return new DecodeError(
    `field ${JSON.stringify(name)} takes no file as it is no bytes and no HttpBody but ${kindOf(field)}: current value is ${shown}`,
  );
}

function kindOf(field: DescField): string {
  if (field.fieldKind === "map") return "a map";
  if (field.scalar !== undefined) return ScalarType[field.scalar].toLowerCase();
  return field.message?.typeName ?? field.enum?.typeName ?? field.fieldKind;
}

function twice({ name, filename }: PartHead): DecodeError {
  return new DecodeError(
    `too many values for field ${JSON.stringify(name)}: current value is ${JSON.stringify(filename ?? "")}`,
  );
}

async function* once(body: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield body;
}
