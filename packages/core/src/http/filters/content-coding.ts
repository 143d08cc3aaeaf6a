import type { Transform } from "node:stream";
import {
  brotliCompress,
  constants,
  createBrotliCompress,
  createBrotliDecompress,
  createDeflate,
  createGunzip,
  createGzip,
  createInflate,
  deflate,
  gzip,
} from "node:zlib";

/** A coding of content that is known here. */
export type ContentCoding = "br" | "gzip" | "deflate";

export const contentCodings: readonly ContentCoding[] = ["br", "gzip", "deflate"];

type Done = (error: Error | null, packed: Buffer) => void;

interface CodingMakers {
  readonly whole: (body: Uint8Array | string, done: Done) => void;
  readonly packer: () => Transform;
  readonly unpacker: () => Transform;
}

// Higher qualities cost many times as much for answers that are packed once and read once.
const brotliParams = { [constants.BROTLI_PARAM_QUALITY]: 4 };
const flush = constants.Z_SYNC_FLUSH;

const makers: Readonly<Record<ContentCoding, CodingMakers>> = {
  br: {
    whole: (body, done) => brotliCompress(body, { params: brotliParams }, done),
    packer: () =>
      createBrotliCompress({ params: brotliParams, flush: constants.BROTLI_OPERATION_FLUSH }),
    unpacker: () => createBrotliDecompress(),
  },
  gzip: {
    whole: (body, done) => gzip(body, done),
    packer: () => createGzip({ flush }),
    unpacker: () => createGunzip(),
  },
  deflate: {
    whole: (body, done) => deflate(body, done),
    packer: () => createDeflate({ flush }),
    unpacker: () => createInflate(),
  },
};

/** Packs a body whole. */
export function pack(coding: ContentCoding, body: Uint8Array | string): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    makers[coding].whole(body, (error, packed) => {
      if (error === null) resolve(packed);
      else reject(error);
    });
  });
}

/** Makes what packs a body as it comes: each piece that goes in can be read as soon as it has come out. */
export function createPacker(coding: ContentCoding): Transform {
  return makers[coding].packer();
}

/** Makes what undoes a coding as it comes. */
export function createUnpacker(coding: ContentCoding): Transform {
  return makers[coding].unpacker();
}

/** The coding a Content-Encoding names; undefined for none that is known. */
export function contentCodingOf(name: string): ContentCoding | undefined {
  const lower = name.trim().toLowerCase();
  return lower === "x-gzip" ? "gzip" : contentCodings.find((each) => each === lower);
}
