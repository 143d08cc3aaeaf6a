export { connectProtocol, type ConnectProtocolOptions } from "./connect/index.ts";
export { grpcWebProtocol, type GrpcWebProtocolOptions } from "./grpc-web/index.ts";
export type { HttpReply, HttpRequest, HttpSender, ReplyHead } from "./http-sender.ts";
export type { Packing } from "./packing.ts";
export type { Protocol, ProtocolParts, ReplyCodecs } from "./protocol.ts";
export { fieldsOf } from "./reply-header.ts";
export type {
  ErrorDecoder,
  ReplyBodyCall,
  RequestBodyCall,
  RequestEncoder,
  ResponseDecoder,
  RestHooks,
} from "./rest-hooks.ts";
export { restProtocol, type RestProtocolOptions, type StreamOpener } from "./rest-protocol.ts";
export { restUpload } from "./rest-upload.ts";
export type { RestStreamForm } from "./rest-stream.ts";
