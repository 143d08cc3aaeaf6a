export { xmlCodec } from "./xml-codec.ts";
export type { XmlCodecOptions } from "./xml-codec.ts";
