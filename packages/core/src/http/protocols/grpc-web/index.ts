export { grpcWebProtocol, type GrpcWebProtocolOptions } from "./grpc-web-protocol.ts";
