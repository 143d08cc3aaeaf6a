/** What a body of the type multipart/form-data may hold. */
export interface MultipartLimits {
  /** How many parts, files and texts together. @default {1000} */
  readonly maxParts?: number;
  /** How many parts may be texts. @default {1000} */
  readonly maxFields?: number;
  /** How many parts may be files. @default {100} */
  readonly maxFiles?: number;
  /** The largest text a part may be. @default {1048576} */
  readonly maxFieldBytes?: number;
  /** The largest header a part may have. @default {8192} */
  readonly maxPartHeaderBytes?: number;
}

export const multipartDefaults: Required<MultipartLimits> = {
  maxParts: 1000,
  maxFields: 1000,
  maxFiles: 100,
  maxFieldBytes: 1024 * 1024,
  maxPartHeaderBytes: 8 * 1024,
};

/** @throws {RangeError} If a limit is not a positive whole number. */
export function multipartLimits(limits: MultipartLimits = {}): Required<MultipartLimits> {
  const all = { ...multipartDefaults, ...limits };
  for (const [name, value] of Object.entries(all)) {
    if (!Number.isInteger(value) || value < 1) {
      throw new RangeError(
        `Cannot limit multipart bodies as ${name} must be a whole number above 0: current value is ${value}`,
      );
    }
  }
  return all;
}
