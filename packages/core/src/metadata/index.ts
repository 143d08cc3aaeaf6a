export { Metadata, type MetadataInit } from "./metadata.ts";
export {
  appendToClientContext,
  clientMetadata,
  mergeToClientContext,
  serverMetadata,
  withClientMetadata,
  withServerMetadata,
} from "./metadata-context.ts";
