export { restProtocol, type RestProtocolOptions, type StreamOpener } from "../rest-protocol.ts";
