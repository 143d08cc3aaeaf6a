import type { DescMessage, Message } from "@bufbuild/protobuf";
import type { FormPath } from "./form-path.ts";
import { resolveFormKey, setFormPath } from "./form-path.ts";

/** Fills a message from the values of a form. Keys no field has are ignored. */
export type FormReader = (message: Message, values: ReadonlyMap<string, readonly string[]>) => void;

/** Settings of a form reader. */
export interface FormReaderOptions {
  /** Which fields are filled; keys of others are ignored. @default {() => true} */
  readonly accepts?: (path: FormPath) => boolean;
}

const defaults = { accepts: () => true } satisfies Required<FormReaderOptions>;

/**
 * Composes the reader of a schema. Values are merged into what the message holds already: lists append,
 * singular fields are overwritten, and a second member of a oneof is an error.
 */
export function createFormReader(schema: DescMessage, options: FormReaderOptions = {}): FormReader {
  const { accepts } = { ...defaults, ...options };
  return (message, values) => {
    for (const [key, texts] of values) {
      const path = resolveFormKey(schema, key);
      if (path !== undefined && accepts(path)) setFormPath(message, path, { values: texts });
    }
  };
}
