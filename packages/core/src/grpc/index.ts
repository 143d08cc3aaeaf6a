export { GrpcServer } from "./server/grpc-server.ts";
export { apiMetadataService } from "./api-metadata/api-metadata-service.ts";
export { isGrpcCall } from "./server/accept-call.ts";
export { GrpcHandler, type GrpcHandlerOptions } from "./server/grpc-handler.ts";
export type { RecordedPort } from "./server/server-record.ts";
export type { GrpcServerOptions } from "./server/grpc-server-options.ts";
export { grpcTransport, type GrpcTransport } from "./server/grpc-transport.ts";
export type { UnknownService } from "./server/unknown-service.ts";
export { compressReply } from "./server/server-call.ts";
export { replyTrailer } from "../transport/index.ts";
export type { HealthStatus, HealthStatuses } from "./health/health-statuses.ts";
export { GrpcClient } from "./client/grpc-client.ts";
export type { Dialer } from "./client/dialer.ts";
export type { GrpcClientOptions } from "./client/grpc-client-options.ts";
export type {
  CallCounts,
  ClientDescription,
  ConnectionDescription,
  ConnectivityState,
  ListenSocketDescription,
  LiveCallDescription,
  ServerDescription,
  SubchannelDescription,
} from "./describe/description.ts";
export type { TlsDescription } from "../transport/tls/index.ts";
