export { HttpClient } from "./client/http-client.ts";
export type { HttpClientOptions, HttpClientTls } from "./client/http-client-options.ts";
export type { FetchTarget } from "./client/fetch-request.ts";
export type { CodecChoice, CodecsByMethod } from "./client/method-codecs.ts";
export type { FetchOptions } from "./client/raw-fetch.ts";
export { createHttpReply, type HttpReplyOptions, type RoundTrip } from "./client/round-trip.ts";
export type { HttpReply, HttpRequest, ReplyHead } from "./protocols/http-sender.ts";
export type {
  ErrorDecoder,
  ReplyBodyCall,
  RequestBodyCall,
  RequestEncoder,
  ResponseDecoder,
} from "./protocols/rest-hooks.ts";
export type {
  HttpConnectionDescription,
  HttpServerDescription,
  LiveExchangeDescription,
} from "./describe/description.ts";
export { HttpServer } from "./server/http-server.ts";
export type { HttpServerOptions } from "./server/http-server-options.ts";
export type {
  BodyCall,
  ErrorEncoder,
  ReplyCall,
  RequestDecoder,
  ResponseEncoder,
  ValuesCall,
  ValuesDecoder,
} from "./server/hooks.ts";
export type { HeaderMatch } from "./server/header-routes.ts";
export type { JsonOptions } from "./server/json-rules.ts";
export { Redirect, redirect } from "./server/redirect.ts";
export { type Cookie, setCookie } from "./server/set-cookie.ts";
export { setOperation } from "./server/set-operation.ts";
export { HttpContext, type ResultOptions } from "./server/http-context.ts";
export type { FormValues } from "./server/request-form.ts";
export { type HandRoute, RouteGroup, type RouteHandler } from "./server/route-group.ts";
export { type HttpTransport, httpTransport } from "./server/http-transport.ts";
export type { FetchHandler, MountHandler, NodeHandler } from "./server/mount.ts";
export { lastEventId } from "./sse/last-event-id.ts";
export { sse, sseFields, type SseFields } from "./sse/sse-fields.ts";
export type { WebSocketOptions } from "./websocket/web-socket-options.ts";
export type {
  Answer,
  AnswerHead,
  Exchange,
  ExchangeHandler,
  Filter,
  NodeMessages,
  UpgradeOffer,
} from "./wire/exchange.ts";
export type { InjectedReply, InjectedRequest } from "./wire/inject.ts";
export type { Content } from "./files/content.ts";
export type { ByteRange } from "./files/byte-range.ts";
export { contentDisposition } from "./files/content-disposition.ts";
export { contentTypeOfFile } from "./files/content-type-of.ts";
export { type FileContent, type FileOptions, openFile } from "./files/file-content.ts";
export { findFile, type FindFileOptions } from "./files/find-file.ts";
export type { MultipartLimits } from "./files/multipart-limits.ts";
export {
  isMultipart,
  type MultipartPart,
  readMultipart,
  type ReadMultipartOptions,
} from "./files/multipart-reader.ts";
export { sendContent, type SendContentOptions } from "./files/send-content.ts";
export { type FileReplyOptions, sendFile, type SendFileOptions } from "./files/send-file.ts";
export { staticFolder, type StaticFolderOptions } from "./files/static-folder.ts";
export { type UploadInfo, uploadInfo } from "./files/upload-info.ts";
export type { UploadOptions } from "./files/upload-options.ts";
export type { PartHead } from "./files/part-head.ts";
export { cors } from "./cors/cors.ts";
export type { CorsOptions } from "./cors/cors-options.ts";
export { layerExchange, type ExchangeChanges } from "./wire/exchange-layer.ts";
export { compress } from "./filters/compress.ts";
export type { CompressOptions } from "./filters/compress-options.ts";
export type { ContentCoding } from "./filters/content-coding.ts";
export { decompress, type DecompressOptions } from "./filters/decompress.ts";
export { etag, type EtagOptions } from "./filters/etag.ts";
export { requestId, requestIdOf, type RequestIdOptions } from "./filters/request-id.ts";
export type { TrustedProxiesOptions } from "./proxies/trusted-proxies.ts";
export type { DiagnosticsOptions } from "./diagnostics/diagnostics-options.ts";
