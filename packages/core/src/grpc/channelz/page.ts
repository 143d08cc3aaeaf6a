/** What a caller asks for of a list. */
export interface PageRequest {
  /** The lowest id wanted. */
  readonly startId: bigint;
  /** 0 leaves it to the server. */
  readonly maxResults: bigint;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Whether there is no further page. */
  readonly end: boolean;
}

const usualSize = 100;
const maxSize = 1000;

/** Takes a page of a list that is ordered by id. */
export function pageOf<T extends { readonly id: number }>(
  all: readonly T[],
  request: PageRequest,
): Page<T> {
  const { startId, maxResults } = request;
  const size = maxResults > 0n && maxResults < maxSize ? Number(maxResults) : undefined;
  const rest = all.filter(({ id }) => BigInt(id) >= startId);
  const items = rest.slice(0, size ?? (maxResults > 0n ? maxSize : usualSize));
  return { items, end: items.length === rest.length };
}
