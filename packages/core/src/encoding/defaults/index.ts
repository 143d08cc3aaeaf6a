export { defaultCodecs } from "./default-codecs.ts";
