import type { DescEnum, DescField, DescMessage, Message, Registry } from "@bufbuild/protobuf";
import { fromBinary, toJson } from "@bufbuild/protobuf";
import { isWrapperDesc } from "@bufbuild/protobuf/wkt";
import type { ValueWriter } from "./scalar-writer.ts";
import { scalarWriter } from "./scalar-writer.ts";
