export { connectProtocol, type ConnectProtocolOptions } from "./connect/index.ts";
export { grpcWebProtocol, type GrpcWebProtocolOptions } from "./grpc-web/index.ts";
export type { HttpReply, HttpRequest, HttpSender } from "./http-sender.ts";
export type { Protocol, ProtocolParts } from "./protocol.ts";
export { fieldsOf } from "./reply-header.ts";
export { restProtocol, type RestProtocolOptions, type StreamOpener } from "./rest-protocol.ts";
export type { RestStreamForm } from "./rest-stream.ts";
