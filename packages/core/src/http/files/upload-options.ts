import { type MultipartLimits, multipartLimits } from "./multipart-limits.ts";

/** How large uploads may be. */
export interface UploadOptions {
  /**
   * The largest body of a stream of google.api.HttpBody; a larger one is a 413. `Infinity` is none. Only a piece
   * of it is in memory at a time. It may take as long as some of it comes within `bodyIdleTimeoutMs`. @default {1073741824}
   */
  readonly maxUploadBytes?: number;
  /** What bodies of the type multipart/form-data may hold. @default {{}} */
  readonly multipart?: MultipartLimits;
}

/** The limits of uploads, all of them. */
export interface UploadLimits {
  readonly maxUploadBytes: number;
  readonly multipart: Required<MultipartLimits>;
}

const defaults = {
  maxUploadBytes: 1024 * 1024 * 1024,
  multipart: {},
} satisfies Required<UploadOptions>;

/** @throws {RangeError} If a limit is not above 0. */
export function uploadLimits(options: UploadOptions): UploadLimits {
  const { maxUploadBytes = defaults.maxUploadBytes, multipart = defaults.multipart } = options;
  if (!(maxUploadBytes > 0)) {
    throw new RangeError(
      `Cannot limit uploads as maxUploadBytes must be above 0: current value is ${maxUploadBytes}`,
    );
  }
  return { maxUploadBytes, multipart: multipartLimits(multipart) };
}
