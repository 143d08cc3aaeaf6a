import { decodeExtValue, parseParameterized } from "./header-params.ts";
import { malformed, overLimit } from "./multipart-error.ts";
import type { MultipartLimits } from "./multipart-limits.ts";

/** What the header of a part says. */
export interface PartHead {
  /** The name of the form field. */
  readonly name: string;
  /** The name of the file without any folders; undefined where the part has none. */
  readonly filename: string | undefined;
  /** As the part says; "text/plain" where it says nothing. */
  readonly contentType: string;
  /** Whether it is a file: it has a file name, or a type that is not text/plain. */
  readonly isFile: boolean;
}

/** The lines of a header by name in lower case, a character a byte. */
export type PartHeader = Readonly<Record<string, readonly string[] | undefined>>;

/**
 * Reads the header of a part.
 * @throws {KratosError} 400 MULTIPART without a name, 413 MULTIPART_LIMIT over the header limit
 */
export function parsePartHead(
  header: PartHeader,
  { maxPartHeaderBytes }: Required<MultipartLimits>,
): PartHead {
  const size = sizeOf(header);
  const disposition = parseParameterized(lineOf(header, "content-disposition"));
  const name = disposition.params.get("name") ?? "";
  if (size > maxPartHeaderBytes) {
    const whose = JSON.stringify(name.slice(0, 64));
    throw overLimit(`the header of part ${whose} is more than ${maxPartHeaderBytes} bytes`);
  }
  if (disposition.value !== "form-data") {
    throw malformed(`a part has no Content-Disposition of form-data: ${disposition.value}`);
  }
  if (name === "") throw malformed("a part has no name");
  const filename = filenameOf(disposition.params);
  const contentType = lineOf(header, "content-type") || "text/plain";
  const isText = parseParameterized(contentType).value === "text/plain";
  return { name, filename, contentType, isFile: filename !== undefined || !isText };
}

/** Reads the name of a file out of a Content-Disposition; without folders, and never one of "." and "..". */
export function filenameOf(params: ReadonlyMap<string, string>): string | undefined {
  const encoded = params.get("filename*");
  const text = (encoded && decodeExtValue(encoded)) ?? params.get("filename");
  // Old browsers send whole paths; none of it may lead a handler out of its folder.
  const name = text?.replaceAll("\0", "").replace(/^.*[/\\]/s, "");
  return name === "." || name === ".." ? "" : name;
}

/** Names are UTF-8 today, whatever RFC 7578 leaves open. */
function lineOf(header: PartHeader, name: string): string {
  return Buffer.from(header[name]?.[0] ?? "", "latin1").toString();
}

function sizeOf(header: PartHeader): number {
  let size = 0;
  for (const [name, lines = []] of Object.entries(header)) {
    for (const line of lines) size += name.length + line.length + 4;
  }
  return size;
}
