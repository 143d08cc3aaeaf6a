export { forwardMetadata, metadata, type MetadataOptions } from "./metadata.ts";
