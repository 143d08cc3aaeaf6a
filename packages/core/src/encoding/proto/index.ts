export { protoCodec } from "./proto-codec.ts";
export type { ProtoCodecOptions } from "./proto-codec.ts";
