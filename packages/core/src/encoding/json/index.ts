export { protojsonCodec } from "./protojson-codec.ts";
export { jsonCodec } from "./json-codec.ts";
export type { JsonCodecOptions } from "./json-codec.ts";
