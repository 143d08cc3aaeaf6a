export { yamlCodec } from "./yaml-codec.ts";
export type { YamlCodecOptions } from "./yaml-codec.ts";
