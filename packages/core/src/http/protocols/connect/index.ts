export { connectProtocol, type ConnectProtocolOptions } from "./connect-protocol.ts";
