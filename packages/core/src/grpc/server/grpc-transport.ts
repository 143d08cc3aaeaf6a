import type { Session } from "@kratosjs/h2";
import type { Context } from "../../context/index.ts";
import { type Header, serverTransport, type Transport } from "../../transport/index.ts";

/** What a call over gRPC has beyond a Transport. */
export interface GrpcTransport extends Transport {
  readonly kind: "grpc";
  /** What is written there is sent with the end of the call. */
  readonly replyTrailer: Header;
  /** The connection it came over: addresses, the peer's certificate. */
  readonly session: Session;
  /**
   * Sends the reply's headers now rather than with the first message, so that the caller can act on them
   * while it waits. What is written to `replyHeader` later is sent with the trailers. Does nothing when they
   * have left already.
   * @throws {KratosError} INTERNAL if a header cannot be sent as it is.
   */
  sendHeader(): void;
}

/** The call this process is answering over gRPC; undefined outside one. */
export function grpcTransport(context: Context): GrpcTransport | undefined {
  const transport = serverTransport(context);
  return transport !== undefined && isGrpc(transport) ? transport : undefined;
}

function isGrpc(transport: Transport): transport is GrpcTransport {
  return transport.kind === "grpc" && "sendHeader" in transport;
}
