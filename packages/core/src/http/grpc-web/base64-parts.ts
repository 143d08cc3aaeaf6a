import { grpcFailure } from "../../errors/index.ts";

/**
 * Decodes a body in base64 as it comes. Each part a peer encoded may end in padding of its own.
 * @throws {KratosError} INVALID_ARGUMENT if it is no base64.
 */
export async function* base64Parts(
  body: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  let rest = "";
  for await (const part of body) {
    const text = rest + Buffer.from(part.buffer, part.byteOffset, part.length).toString("latin1");
    const whole = text.length - (text.length % 4);
    rest = text.slice(whole);
    if (whole > 0) yield decode(text.slice(0, whole));
  }
  // The last part may lack its padding.
  if (rest.length === 1) throw notBase64();
  if (rest !== "") yield decode(rest);
}

const shape = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2,3}={0,2})?$/;

function decode(text: string): Uint8Array {
  const padding = text.indexOf("=");
  if (padding < 0) {
    if (!shape.test(text)) throw notBase64();
    return Buffer.from(text, "base64");
  }
  const decoded: Buffer[] = [];
  for (const part of text.match(/[^=]+={0,2}|=+/g) ?? []) {
    if (!shape.test(part)) throw notBase64();
    decoded.push(Buffer.from(part, "base64"));
  }
  return Buffer.concat(decoded);
}

function notBase64(): Error {
  return grpcFailure("INVALID_ARGUMENT", "the body of a grpc-web-text request is no base64");
}
