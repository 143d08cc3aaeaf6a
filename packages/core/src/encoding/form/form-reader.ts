import type { DescMessage, Message } from "@bufbuild/protobuf";
import { resolveFormKey, setFormPath } from "./form-path.ts";

/** Fills a message from the values of a form. Keys no field has are ignored. */
export type FormReader = (message: Message, values: ReadonlyMap<string, readonly string[]>) => void;

/**
 * Composes the reader of a schema. Values are merged into what the message holds already: lists append,
 * singular fields are overwritten, and a second member of a oneof is an error.
 */
export function createFormReader(schema: DescMessage): FormReader {
  return (message, values) => {
    for (const [key, texts] of values) {
      const path = resolveFormKey(schema, key);
      if (path !== undefined) setFormPath(message, path, { values: texts });
    }
  };
}
