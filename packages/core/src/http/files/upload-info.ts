import type { Message } from "@bufbuild/protobuf";

/** Which file a message of an upload is a piece of. */
export interface UploadInfo {
  /** Counts the files of an upload from 0; a body that is no multipart/form-data is one file. */
  readonly index: number;
  /** The name of the form field, "" outside multipart/form-data. */
  readonly name: string;
  /** The name of the file without folders, as the peer gives it; undefined where it gives none. */
  readonly filename: string | undefined;
  readonly contentType: string;
  /** The texts that came before the file in its multipart/form-data, by field. */
  readonly fields: ReadonlyMap<string, readonly string[]>;
}

const known = new WeakMap<object, UploadInfo>();

/**
 * Tells which file a google.api.HttpBody that came as an upload is a piece of; undefined for one that came
 * otherwise, as over gRPC.
 */
export function uploadInfo(body: Message | undefined): UploadInfo | undefined {
  return body === undefined ? undefined : known.get(body);
}

/** Remembers the file of a piece for as long as the piece lives. */
export function noteUpload(body: Message, info: UploadInfo): void {
  known.set(body, info);
}
