/** Makes the metadata member of an end of stream: each name with all its values. */
export function toMetadata(fields: readonly string[]): Record<string, string[]> {
  // A name may be that of anything an object has.
  const metadata = Object.create(null) as Record<string, string[]>; // has no members of its own yet
  for (let at = 0; at + 1 < fields.length; at += 2) {
    (metadata[fields[at] ?? ""] ??= []).push(fields[at + 1] ?? "");
  }
  return metadata;
}
