/**
 * Serves the files of a folder.
 *
 *     server.handlePrefix("/assets/", staticFolder("public", { cacheControl: "max-age=3600" }));
 */
import { statSync } from "node:fs";
import { stat } from "node:fs/promises";
import path from "node:path";
import { KratosError } from "../../errors/index.ts";
import { httpTransport } from "../server/http-transport.ts";
import { splitTarget } from "../server/request-path.ts";
import type { Exchange, ExchangeHandler } from "../wire/exchange.ts";
import { contentTypeOfFile } from "./content-type-of.ts";
import { fileNotFound, isMissing } from "./file-content.ts";
import { findFile, type FindFileOptions } from "./find-file.ts";
import { sendFile } from "./send-file.ts";

/** How a folder is served. */
export interface StaticFolderOptions extends FindFileOptions {
  /** What of the path is not the file's. @default the prefix of the route */
  readonly prefix?: string;
  /** The file that stands for a folder; "" is none. @default {"index.html"} */
  readonly index?: string;
  /** The Cache-Control, for all files or by the path below the folder. @default {"no-cache"} */
  readonly cacheControl?: string | ((file: string) => string);
  /** Content types by the end of the name, such as `{ glb: "model/gltf-binary" }`, besides those that are known. @default {{}} */
  readonly contentTypes?: Readonly<Record<string, string>>;
}

const defaults = {
  index: "index.html",
  cacheControl: "no-cache",
  contentTypes: {},
} satisfies StaticFolderOptions;

/**
 * Makes a handler of the files below `root`, for GET and HEAD, with conditions and ranges. Nothing outside of
 * the folder is served, nor what begins with a dot; a path without a file is a KratosError, 404 FILE_NOT_FOUND.
 * @throws {TypeError} If there is no such folder.
 */
export function staticFolder(root: string, options: StaticFolderOptions = {}): ExchangeHandler {
  if (statSync(root, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new TypeError(
      `Cannot serve a folder as its root must be one: current value is ${JSON.stringify(root)}`,
    );
  }
  const { index, cacheControl, contentTypes } = { ...defaults, ...options };
  const types = new Map<string, string>(Object.entries(contentTypes));
  return async (exchange, ctx) => {
    assertRead(exchange);
    const prefix = options.prefix ?? httpTransport(ctx)?.pathTemplate ?? "/";
    const { path: pathname, query } = splitTarget(exchange.target);
    const segments = segmentsBelow(prefix, pathname);
    const isFolder = segments.at(-1) === "";
    const names = segments.filter((segment) => segment !== "");
    if (isFolder && index === "") throw fileNotFound();
    const wanted = isFolder ? [...names, index] : names;
    const file = await findFile(root, wanted, options);
    if (!isFolder && index !== "" && (await isDirectory(file))) {
      await findFile(root, [...wanted, index], options);
      return redirectToFolder(exchange, pathname, query);
    }
    const contentType =
      types.get(path.extname(file).slice(1).toLowerCase()) ?? contentTypeOfFile(file);
    exchange.replyHeader.set("X-Content-Type-Options", "nosniff");
    const cache = typeof cacheControl === "string" ? cacheControl : cacheControl(wanted.join("/"));
    return sendFile(exchange, file, { cacheControl: cache, ...(contentType && { contentType }) });
  };
}

function assertRead(exchange: Exchange): void {
  if (exchange.method === "GET" || exchange.method === "HEAD") return;
  exchange.replyHeader.set("Allow", "GET, HEAD");
  throw new KratosError("files can only be read", { code: 405, reason: "METHOD_NOT_ALLOWED" });
}

/** The steps below the prefix, decoded one by one: a slash that comes encoded is no step. "" at the end is a folder. */
function segmentsBelow(prefix: string, pathname: string): readonly string[] {
  if (!pathname.startsWith(prefix)) throw fileNotFound();
  const below = pathname.slice(prefix.endsWith("/") ? prefix.length - 1 : prefix.length);
  if (below === "") return [""];
  // "/assets" must not lead into "/assets-old".
  if (!below.startsWith("/")) throw fileNotFound();
  try {
    return below.slice(1).split("/").map(decodeURIComponent);
  } catch (error) {
    throw fileNotFound(error);
  }
}

async function isDirectory(file: string): Promise<boolean> {
  try {
    return (await stat(file)).isDirectory();
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** Relative, so that it stays on this host whatever the path is; the `./` keeps a colon from being a scheme. */
function redirectToFolder(exchange: Exchange, pathname: string, query: string): void {
  const name = pathname.slice(pathname.lastIndexOf("/") + 1);
  const location = query === "" ? `./${name}/` : `./${name}/?${query}`;
  exchange.reply({ status: 301, headers: ["Location", location] });
}
