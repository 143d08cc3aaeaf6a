/** A source of requests. */
export async function* texts(...list: readonly string[]): AsyncGenerator<{ text: string }> {
  for (const text of list) yield { text };
}

/** Reads the texts of a stream to its end. */
export async function collect(
  stream: AsyncIterable<{ readonly text: string }>,
): Promise<readonly string[]> {
  const list: string[] = [];
  for await (const { text } of stream) list.push(text);
  return list;
}
