export { Config, type ConfigOptions } from "./config.ts";
export {
  ConfigDecodeError,
  ConfigKeyNotFoundError,
  ConfigResolveError,
  ConfigValueError,
} from "./config-errors.ts";
export { createDecoder, type DecodeFormat, type Decoder } from "./decoder.ts";
export { formatOfKey } from "./format-of-key.ts";
export { type Merge, mergeTrees } from "./merge-trees.ts";
export type { Observer } from "./observer-table.ts";
export { resolveActualTypes, resolvePlaceholders, type Resolver } from "./resolve-placeholders.ts";
export type { KeyValue, Source } from "./source.ts";
export type { ConfigNode, ConfigTree } from "./tree.ts";
export type { Value } from "./value.ts";
