/** The client under test: makes the calls the runner describes on stdin, tells their outcome on stdout. */
import { messageOf } from "@kratosjs/core/errors";
import { nopLogger, setDefaultLogger } from "@kratosjs/core/log";
import {
  type ClientCompatRequest,
  ClientCompatRequestSchema,
  ClientCompatResponseSchema,
} from "../gen/connectrpc/conformance/v1/client_compat_pb.ts";
import { Connections } from "./connections.ts";
import { readDelimited, writeDelimited } from "./delimited.ts";
import { makeCall } from "./make-call.ts";

/** Calls made at once: enough that those that wait do not hold up the others. */
const atOnce = 16;

setDefaultLogger(nopLogger);
const connections = new Connections();
const requests = readDelimited(process.stdin, ClientCompatRequestSchema);
await Promise.all(Array.from({ length: atOnce }, work));
await connections.close();

async function work(): Promise<void> {
  for await (const request of requests) await report(request);
}

async function report(request: ClientCompatRequest): Promise<void> {
  const { testName } = request;
  try {
    const value = await makeCall(request, connections.for(request));
    writeDelimited(ClientCompatResponseSchema, { testName, result: { case: "response", value } });
  } catch (error) {
    const value = { message: messageOf(error) };
    writeDelimited(ClientCompatResponseSchema, {
      testName,
      result: { case: "error", value },
    });
  }
}
