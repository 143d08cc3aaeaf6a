export { GrpcServer } from "./server/grpc-server.ts";
export type { GrpcServerOptions } from "./server/grpc-server-options.ts";
export { compressReply, replyTrailer } from "./server/server-call.ts";
export type { HealthStatus, HealthStatuses } from "./health/health-statuses.ts";
export { GrpcClient } from "./client/grpc-client.ts";
export type { GrpcClientOptions } from "./client/grpc-client-options.ts";
