import { create, type DescMessage, type Message, type MessageShape } from "@bufbuild/protobuf";
import type { Context } from "../../context/index.ts";
import { createFormReader, parseQuery } from "../../encoding/form/index.ts";
import { badRequest, messageOf } from "../../errors/index.ts";
import { chain, type Handler, type MiddlewareTable } from "../../middleware/index.ts";
import { type FileReplyOptions, sendFile } from "../files/send-file.ts";
import type { Answer, Exchange } from "../wire/exchange.ts";
import { allLines } from "../wire/header-lines.ts";
import { createBodyReader } from "./body-reader.ts";
import type { Edge } from "./edge.ts";
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
  query(): ReadonlyMap<string, readonly string[]> {
    return decoded(() => parseQuery(this.#parts.query));
  }

  /**
   * Reads the body by its Content-Type.
   * @throws {KratosError} 400 CODEC, 413 BODY_TOO_LARGE
   */
  async bind<D extends DescMessage>(schema: D): Promise<MessageShape<D>> {
    const read = createBodyReader({ schema, field: undefined }, this.#parts.edge);
    const message = await read(this.exchange);
    return (message ?? create(schema)) as MessageShape<D>; // decoded by this schema
  }

  /**
   * Reads the path variables into a message.
   * @throws {KratosError} 400 CODEC
   */
  bindVars<D extends DescMessage>(schema: D): MessageShape<D> {
    const vars = new Map(Object.entries(this.vars()).map(([name, value]) => [name, [value]]));
    return bindForm(schema, vars);
  }

  /**
   * Reads the query into a message; keys no field has are ignored.
   * @throws {KratosError} 400 CODEC
   */
  bindQuery<D extends DescMessage>(schema: D): MessageShape<D> {
    return bindForm(schema, this.query());
  }

  /** Wraps a handler in the middlewares of the current operation, which do not run by themselves here. */
  middleware(handler: Handler): Handler {
    return chain(...this.#parts.table.match(this.#parts.call.operation))(handler);
  }

  /** Answers with a value in the codec of the Accept; a message needs its schema. Undefined is an empty body. */
  result(status: number, value: unknown, options: ResultOptions = {}): void {
    if (value === undefined || value === null) return this.#reply({ status });
    const { schema } = options;
    const { codecs } = this.#parts.edge;
    const { codec } = codecs.select(allLines(this.exchange.rawHeaders, "accept"));
    const chosen =
      schema === undefined && codec.encodeValue === undefined ? codecs.fallback : codec;
    const body =
      schema === undefined ? chosen.encodeValue?.(value) : chosen.encoder(schema)(value as Message); // the schema is the caller's word for it
    this.#reply({ status, headers: ["Content-Type", chosen.contentType], body });
  }

  /** Answers with plain JSON, whatever the Accept says. */
  json(status: number, value: unknown): void {
    const bytes = Buffer.from(`${JSON.stringify(value)}\n`);
    this.blob(status, { contentType: "application/json", bytes });
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

  /** Answers with a redirect. */
  redirect(status: number, location: string): void {
    this.#reply({ status, headers: ["Location", location] });
  }

  #reply(answer: Answer): void {
    const { call } = this.#parts;
    if (call.settle()) call.exchange.reply(answer);
  }
}

function bindForm<D extends DescMessage>(
  schema: D,
  values: ReadonlyMap<string, readonly string[]>,
): MessageShape<D> {
  const message = create(schema);
  decoded(() => createFormReader(schema)(message, new Map(values)));
  return message;
}

function decoded<T>(decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    throw badRequest("CODEC", messageOf(error), { cause: error });
  }
}
