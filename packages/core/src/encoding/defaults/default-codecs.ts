import type { CodecRegistry } from "../codec-registry.ts";
import { createCodecRegistry } from "../codec-registry.ts";
import { formCodec } from "../form/index.ts";
import { jsonCodec, protojsonCodec } from "../json/index.ts";
import { protoCodec } from "../proto/index.ts";
import { xmlCodec } from "../xml/index.ts";
import { yamlCodec } from "../yaml/index.ts";

/**
 * The registry the edges use unless they are given another: json, protojson, proto, x-www-form-urlencoded,
 * xml and yaml. `json` and `protojson` are one format under the names of the two major versions of Kratos.
 */
export function defaultCodecs(): CodecRegistry {
  return createCodecRegistry([
    jsonCodec(),
    protojsonCodec(),
    protoCodec(),
    formCodec(),
    xmlCodec(),
    yamlCodec(),
  ]);
}
