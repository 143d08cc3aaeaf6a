export type { Discovery } from "./discovery.ts";
export { decodeInstance, encodeInstance, toInstance } from "./instance-json.ts";
export { pickEndpoint } from "./pick-endpoint.ts";
export type { Registrar } from "./registrar.ts";
export { sameInstance, sameInstances } from "./same-instance.ts";
export type { ServiceInstance } from "./service-instance.ts";
export { snapshotStream, type SnapshotProducer, type SnapshotSink } from "./snapshot-stream.ts";
