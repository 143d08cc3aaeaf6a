import type { Socket } from "node:net";

const prefaceBytes = 24;
const prefixBytes = 9;
const types = { headers: 1, settings: 4, ping: 6, goaway: 7 } as const;

function frame(type: number, flags: number, payload: Uint8Array): Buffer {
  const prefix = Buffer.alloc(prefixBytes);
  prefix.writeUIntBE(payload.length, 0, 3);
  prefix[3] = type;
  prefix[4] = flags;
  return Buffer.concat([prefix, payload]);
}

/** Speaks just enough HTTP/2 to answer the first request with a GOAWAY that says it was not looked at. */
export function goAwayAtFirstRequest(socket: Socket): void {
  let held = Buffer.alloc(0);
  let greeted = false;
  socket.on("error", () => {});
  socket.write(frame(types.settings, 0, Buffer.alloc(0)));
  socket.on("data", (chunk: Buffer) => {
    held = Buffer.concat([held, chunk]);
    if (!greeted) {
      if (held.length < prefaceBytes) return;
      greeted = true;
      held = held.subarray(prefaceBytes);
    }
    while (held.length >= prefixBytes) {
      const length = held.readUIntBE(0, 3);
      if (held.length < prefixBytes + length) return;
      const payload = held.subarray(prefixBytes, prefixBytes + length);
      const [type, flags] = [held[3], held[4]];
      held = held.subarray(prefixBytes + length);
      if (type === types.settings && flags === 0) socket.write(frame(types.settings, 1, Buffer.alloc(0)));
      if (type === types.ping && flags === 0) socket.write(frame(types.ping, 1, payload));
      if (type === types.headers) socket.end(frame(types.goaway, 0, Buffer.alloc(8)));
    }
  });
}
