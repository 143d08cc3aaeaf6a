/** A piece of a text: literal text, or a placeholder `${name}` or `${name:fallback}`. */
export type TextPart =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "placeholder"; readonly name: string; readonly fallback: string };

/**
 * Splits a text at its placeholders. One runs from "${" to the next "}" and stays on its line; it does not
 * nest. The ends of its content are trimmed, then the first ":" parts the name from the fallback.
 */
export function splitPlaceholders(text: string): readonly TextPart[] {
  const parts: TextPart[] = [];
  let from = 0;
  let search = 0;
  for (;;) {
    const open = text.indexOf("${", search);
    const close = open < 0 ? -1 : text.indexOf("}", open);
    if (close < 0) break;
    const content = text.slice(open + 2, close);
    const line = content.lastIndexOf("\n");
    if (line >= 0) {
      search = open + 2 + line;
      continue;
    }
    if (open > from) parts.push({ kind: "text", text: text.slice(from, open) });
    parts.push(toPlaceholder(content.trim()));
    from = close + 1;
    search = from;
  }
  if (from < text.length || parts.length === 0)
    parts.push({ kind: "text", text: text.slice(from) });
  return parts;
}

function toPlaceholder(content: string): TextPart {
  const colon = content.indexOf(":");
  if (colon < 0) return { kind: "placeholder", name: content, fallback: "" };
  return { kind: "placeholder", name: content.slice(0, colon), fallback: content.slice(colon + 1) };
}
