import { create, type DescMessage, type Message, type MessageShape } from "@bufbuild/protobuf";
import type { Context } from "../../context/index.ts";
import { createFormReader, parseQuery } from "../../encoding/form/index.ts";
import { DecodeError } from "../../encoding/index.ts";
import { xmlCodec } from "../../encoding/xml/index.ts";
import { badRequest, isKratosError, messageOf } from "../../errors/index.ts";
import { chain, type Handler, type MiddlewareTable } from "../../middleware/index.ts";
import { httpBodyPlace } from "../files/http-body-place.ts";
import { rawContentType } from "../files/raw-content-type.ts";
import { type FileReplyOptions, sendFile } from "../files/send-file.ts";
import type { Answer, Exchange } from "../wire/exchange.ts";
import { allLines, firstLine } from "../wire/header-lines.ts";
import { bodyReaderOf, notPlain, readPlainBody } from "./body-reader.ts";
import type { Edge } from "./edge.ts";
import type { ValuesDecoder } from "./hooks.ts";
import { sendRedirect } from "./redirect.ts";
import { type FormValues, hasForm, parseForm } from "./request-form.ts";
import type { ServerCall } from "./server-call.ts";

/** What an HttpContext is made of. */
export interface HttpContextParts {
  readonly call: ServerCall;
  readonly edge: Edge;
  readonly table: MiddlewareTable;
  readonly names: readonly string[];
  readonly values: readonly string[];
  readonly query: string;
}

/** What a result is. */
export interface ResultOptions {
  /** The type of a value that is a message. @default none: a plain value */
  readonly schema?: DescMessage;
}

/** What a handler of a route written by hand works with: the request taken apart, and ways to answer. */
export class HttpContext {
  readonly #parts: HttpContextParts;
  #body: Promise<Uint8Array> | undefined;

  constructor(parts: HttpContextParts) {
    this.#parts = parts;
  }

  /** The context of the call: its deadline, its transport, its values. */
  get context(): Context {
    return this.#parts.call.context;
  }

  get exchange(): Exchange {
    return this.#parts.call.exchange;
  }

  /** The path variables by name. */
  vars(): Readonly<Record<string, string>> {
    const { names, values } = this.#parts;
    const vars: Record<string, string> = Object.create(null) as Record<string, string>; // without a prototype no name is special
    for (const [at, name] of names.entries()) vars[name] = values[at] ?? "";
    return vars;
  }

  /**
   * The query, each name with its values.
   * @throws {KratosError} 400 CODEC
   */
  query(): FormValues {
    return decoded(() => parseQuery(this.#parts.query));
  }

  /**
   * The body as it came. It is kept, for `bind` and `form` after this or another time.
   * @throws {KratosError} 413 BODY_TOO_LARGE
   */
  body(): Promise<Uint8Array> {
    this.#body ??= this.exchange.readBody(this.#parts.edge.maxBodyBytes);
    return this.#body;
  }

  /**
   * Reads the body by its Content-Type.
   * @throws {KratosError} 400 CODEC, 413 BODY_TOO_LARGE
   */
  async bind<D extends DescMessage>(schema: D): Promise<MessageShape<D>> {
    const read = bodyReaderOf(schema, this.#parts.edge);
    const message = await read(this.exchange, await this.body());
    return (message ?? create(schema)) as MessageShape<D>; // decoded by this schema
  }

  /**
   * Reads the body by its Content-Type as a plain value, undefined where it is empty.
   * @throws {KratosError} 400 CODEC, 413 BODY_TOO_LARGE
   */
  async bindValue(): Promise<unknown> {
    return readPlainBody(await this.body(), { exchange: this.exchange, edge: this.#parts.edge });
  }

  /**
   * The values of the query and of a url-encoded body, each name with those of the body first. What is no
   * form has no values.
   * @throws {KratosError} 413 BODY_TOO_LARGE
   */
  async form(): Promise<FormValues> {
    try {
      return await this.#form();
    } catch (error) {
      if (error instanceof DecodeError) return new Map();
      throw error;
    }
  }

  /**
   * Reads the query and a url-encoded body into a message; names no field has are ignored.
   * @throws {KratosError} 400 CODEC, 413 BODY_TOO_LARGE
   */
  async bindForm<D extends DescMessage>(schema: D): Promise<MessageShape<D>> {
    const values = await this.#form().catch(refuse);
    return filled(schema, values);
  }

  /**
   * Reads the path variables into a message.
   * @throws {KratosError} 400 CODEC
   */
  bindVars<D extends DescMessage>(schema: D): MessageShape<D> {
    const vars = new Map(Object.entries(this.vars()).map(([name, value]) => [name, [value]]));
    return filled(schema, vars, this.#parts.edge.requestVarsDecoder);
  }

  /**
   * Reads the query into a message; keys no field has are ignored.
   * @throws {KratosError} 400 CODEC
   */
  bindQuery<D extends DescMessage>(schema: D): MessageShape<D> {
    return filled(schema, this.query(), this.#parts.edge.requestQueryDecoder);
  }

  /** Wraps a handler in the middlewares of the current operation, which do not run by themselves here. */
  middleware(handler: Handler): Handler {
    return chain(...this.#parts.table.match(this.#parts.call.operation))(handler);
  }

  /**
   * Answers with a value in the codec of the Accept, or a message by the server's `responseEncoder`; a message
   * needs its schema. Undefined is an empty body.
   * @throws {Error} If the codec has no form for such a value.
   */
  result(status: number, value: unknown, options: ResultOptions = {}): void {
    if (value === undefined || value === null) return this.#reply({ status });
    const { schema } = options;
    if (schema !== undefined && this.#parts.edge.responseEncoder !== undefined) {
      return this.#encode(value as Message, { schema, status }); // the schema is the caller's word for it
    }
    const { codec } = this.#parts.edge.codecs.select(allLines(this.exchange.rawHeaders, "accept"));
    if (schema === undefined && codec.encodeValue === undefined) throw notPlain(codec);
    const raw = schema && httpBodyPlace({ schema, field: undefined });
    if (raw !== undefined) {
      const { contentType, data } = raw.unwrap(value as Message) ?? noContent; // the schema is the caller's word for it
      return this.blob(status, { contentType: rawContentType(contentType), bytes: data });
    }
    const body =
      schema === undefined ? codec.encodeValue?.(value) : codec.encoder(schema)(value as Message); // the schema is the caller's word for it
    this.#reply({ status, headers: ["Content-Type", codec.contentType], body });
  }

  /** Answers with plain JSON, whatever the Accept says; what is special in HTML is escaped. */
  json(status: number, value: unknown): void {
    const text = (JSON.stringify(value) ?? "null").replaceAll(specialInHtml, escapeUnit);
    this.blob(status, { contentType: "application/json", bytes: Buffer.from(`${text}\n`) });
  }

  /** Answers with XML, whatever the Accept says; a message needs its schema. Undefined is an empty body. */
  xml(status: number, value: unknown, options: ResultOptions = {}): void {
    const { schema } = options;
    const bytes =
      schema === undefined ? xml.encodeValue?.(value) : xml.encoder(schema)(value as Message); // the schema is the caller's word for it
    this.blob(status, { contentType: xml.contentType, bytes: bytes ?? new Uint8Array() });
  }

  /** Answers with plain text. */
  string(status: number, text: string): void {
    this.blob(status, { contentType: "text/plain", bytes: Buffer.from(text) });
  }

  /** Answers with bytes of a type. */
  blob(status: number, body: { readonly contentType: string; readonly bytes: Uint8Array }): void {
    this.#reply({ status, headers: ["Content-Type", body.contentType], body: body.bytes });
  }

  /** Answers with a body as it comes, no faster than the peer reads. */
  async stream(
    status: number,
    body: {
      readonly contentType: string;
      readonly chunks: AsyncIterable<Uint8Array | string>;
    },
  ): Promise<void> {
    const { call } = this.#parts;
    if (!call.settle()) return;
    call.exchange.begin({ status, headers: ["Content-Type", body.contentType] });
    for await (const chunk of body.chunks) {
      if (!call.exchange.write(chunk)) await call.exchange.drained();
      if (call.exchange.closed) return;
    }
    call.exchange.end();
  }

  /**
   * Answers with a file: conditions, ranges and HEAD are understood.
   * @throws {KratosError} 404 FILE_NOT_FOUND, 412 PRECONDITION_FAILED, 416 RANGE_NOT_SATISFIABLE
   */
  file(path: string, options: FileReplyOptions = {}): Promise<void> {
    const { call } = this.#parts;
    return sendFile(call.exchange, path, { ...options, settle: () => call.settle() });
  }

  /** Answers with a redirect; a location without a scheme or a slash is below the folder of the request's path. */
  redirect(status: number, location: string): void {
    const { call } = this.#parts;
    if (call.settle()) sendRedirect(call.exchange, { location, status });
  }

  async #form(): Promise<FormValues> {
    const { method, rawHeaders } = this.exchange;
    const isForm = hasForm(method, firstLine(rawHeaders, "content-type"));
    return parseForm(isForm ? await this.body() : new Uint8Array(), this.#parts.query);
  }

  #encode(
    reply: Message,
    { schema, status }: { readonly schema: DescMessage; readonly status: number },
  ): void {
    const { call, edge } = this.#parts;
    if (!call.settle()) return;
    edge.responseEncoder?.(reply, { exchange: call.exchange, schema, field: undefined, status });
  }

  #reply(answer: Answer): void {
    const { call } = this.#parts;
    if (call.settle()) call.exchange.reply(answer);
  }
}

const noContent = { contentType: "", data: new Uint8Array() };

const xml = /* @__PURE__ */ xmlCodec();

const specialInHtml = /[<>&\u2028\u2029]/g;

function escapeUnit(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

function filled<D extends DescMessage>(
  schema: D,
  values: FormValues,
  decode?: ValuesDecoder,
): MessageShape<D> {
  const message = create(schema);
  decoded(() =>
    decode === undefined
      ? createFormReader(schema)(message, values)
      : decode(values, { schema, message }),
  );
  return message;
}

function decoded<T>(decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    return refuse(error);
  }
}

function refuse(error: unknown): never {
  throw isKratosError(error) ? error : badRequest("CODEC", messageOf(error), { cause: error });
}
