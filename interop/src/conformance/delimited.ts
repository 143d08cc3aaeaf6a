import {
  create,
  type DescMessage,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";

const prefixBytes = 4;

/** Reads the messages a runner sends: each after its length, four bytes, the highest first. */
export async function* readDelimited<S extends DescMessage>(
  input: AsyncIterable<Uint8Array>,
  schema: S,
): AsyncGenerator<MessageShape<S>> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of input) {
    rest = Buffer.concat([rest, chunk]);
    for (let end = endOfFirst(rest); end <= rest.length; end = endOfFirst(rest)) {
      yield fromBinary(schema, rest.subarray(prefixBytes, end));
      rest = rest.subarray(end);
    }
  }
  if (rest.length > 0) throw new Error("the runner's input ended within a message");
}

function endOfFirst(bytes: Buffer): number {
  return bytes.length < prefixBytes ? Infinity : prefixBytes + bytes.readUInt32BE(0);
}

/** Writes a message for the runner, in one piece. */
export function writeDelimited<S extends DescMessage>(
  schema: S,
  message: MessageInitShape<S>,
): void {
  const bytes = toBinary(schema, create(schema, message));
  const prefix = Buffer.alloc(prefixBytes);
  prefix.writeUInt32BE(bytes.length);
  process.stdout.write(Buffer.concat([prefix, bytes]));
}
