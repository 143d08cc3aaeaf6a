import { hashRing } from "./hash-ring.ts";

/** Which part of the members a client uses. */
export interface SubsetOptions<T> {
  /** The client: equal keys get equal parts. */
  readonly key: string;
  /** How many members at most; 0 or less is all. */
  readonly size: number;
  /** The text by which a member is known; members of one text are one. */
  readonly textOf: (member: T) => string;
}

/**
 * Answers `size` of the members, by consistent hashing: clients spread over all members, and each keeps most
 * of its part when members come and go. When there are no more than `size` they are answered unchanged.
 */
export function subset<T>(
  members: readonly T[],
  { key, size, textOf }: SubsetOptions<T>,
): readonly T[] {
  if (size <= 0 || members.length <= size) return members;
  const byText = new Map<string, T>();
  for (const member of members) {
    const text = textOf(member);
    if (!byText.has(text)) byText.set(text, member);
  }
  const chosen: T[] = [];
  for (const text of hashRing([...byText.keys()]).members(key, size)) {
    const member = byText.get(text);
    if (member !== undefined) chosen.push(member);
  }
  return chosen;
}
