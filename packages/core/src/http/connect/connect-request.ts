import type { DescMethod } from "@bufbuild/protobuf";
import { grpcFailure } from "../../errors/index.ts";
import type { RpcFormats } from "../server/rpc-format.ts";
import type { Exchange } from "../wire/exchange.ts";

/**
 * Reads a Connect-Timeout-Ms; undefined where there is none.
 * @throws {KratosError} INVALID_ARGUMENT if it is no number of up to ten digits.
 */
export function parseConnectTimeout(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,10}$/.test(text)) return Number(text);
  throw grpcFailure("INVALID_ARGUMENT", `malformed connect-timeout-ms "${text.slice(0, 32)}"`);
}

/**
 * Looks whether a request is in the version of Connect that is spoken here.
 * @throws {KratosError} INVALID_ARGUMENT if it says it is in another.
 */
export function checkConnectVersion(text: string | undefined): void {
  if (text === undefined || text === "1") return;
  throw grpcFailure("INVALID_ARGUMENT", `unknown connect-protocol-version "${text.slice(0, 32)}"`);
}

/** Answers a content type the method does not take with those it does. */
export function refuseType(
  exchange: Exchange,
  kind: DescMethod["methodKind"],
  formats: RpcFormats,
): void {
  const prefix = kind === "unary" ? "application/" : "application/connect+";
  const accepted = [...formats.keys()].map((name) => `${prefix}${name}`).join(", ");
  exchange.reply({ status: 415, headers: ["Accept-Post", accepted] });
}
