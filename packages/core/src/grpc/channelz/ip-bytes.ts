import { isIPv4, isIPv6 } from "node:net";

/** The bytes of an IP address in network order, 4 or 16; undefined when it is none. */
export function ipBytes(text: string): Uint8Array | undefined {
  const [address = ""] = text.split("%");
  if (isIPv4(address)) return Uint8Array.from(address.split("."), Number);
  return isIPv6(address) ? sixteenBytes(address) : undefined;
}

function sixteenBytes(address: string): Uint8Array {
  const [head = "", tail] = address.split("::");
  const left = groupBytes(head);
  const right = groupBytes(tail ?? "");
  const bytes = new Uint8Array(16);
  bytes.set(left, 0);
  bytes.set(right, 16 - right.length);
  return bytes;
}

function groupBytes(groups: string): readonly number[] {
  if (groups === "") return [];
  return groups.split(":").flatMap((group) => {
    if (group.includes(".")) return group.split(".").map(Number);
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}
