/** The format a document's name tells: what follows the last dot of its last path element; empty without one. */
export function formatOfKey(key: string): string {
  const name = key.slice(key.lastIndexOf("/") + 1);
  const dot = name.lastIndexOf(".");
  return dot < 0 ? "" : name.slice(dot + 1);
}
