/** How members are put on the ring. */
export interface HashRingOptions {
  /** A hash of 32 bits. @default {fnv1a32} */
  readonly hash?: (text: string) => number;
  /** Points a member. @default {160} */
  readonly replicas?: number;
}

/** Finds members by key, so that few keys move when members come and go. */
export interface HashRing {
  /** Answers the first distinct members clockwise from the key, at most `count`. */
  members(key: string, count: number): readonly string[];
}

const defaults = { replicas: 160 } as const;

/** Makes a ring of members. Each has points at the hashes of its number of replica followed by its text, as in Go Kratos. */
export function hashRing(members: readonly string[], options: HashRingOptions = {}): HashRing {
  const { hash = fnv1a32, replicas = defaults.replicas } = options;
  const owners = new Map<number, string>();
  const distinct = new Set(members);
  for (const member of distinct) {
    for (let replica = 0; replica < replicas; replica += 1)
      owners.set(hash(`${replica}${member}`), member);
  }
  const points = [...owners].toSorted(([a], [b]) => a - b);
  return {
    members(key, count) {
      const start = firstAfter(points, hash(key));
      const found = new Set<string>();
      for (let step = 0; step < points.length && found.size < count; step += 1) {
        const point = points[(start + step) % points.length];
        if (point !== undefined) found.add(point[1]);
      }
      return [...found];
    },
  };
}

/** The index of the first point strictly greater than the hash; beyond the last, to be wrapped, when there is none. */
function firstAfter(points: readonly (readonly [number, string])[], hash: number): number {
  let [low, high] = [0, points.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((points[middle]?.[0] ?? Infinity) > hash) high = middle;
    else low = middle + 1;
  }
  return low;
}

const encoder = new TextEncoder();

/** Hashes the text's UTF-8 by FNV-1a to 32 bits (RFC 9923). */
export function fnv1a32(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of encoder.encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
