/**
 * Reads the subtype of a Content-Type or Accept value: the text between the first `/` and the first `;`,
 * neither trimmed nor lower-cased, as every Kratos peer does. Empty when there is none.
 */
export function contentSubtype(contentType: string): string {
  const slash = contentType.indexOf("/");
  if (slash === -1) return "";
  const end = contentType.indexOf(";");
  if (end === -1) return contentType.slice(slash + 1);
  return end < slash ? "" : contentType.slice(slash + 1, end);
}

/** Makes the content type of a codec's name. */
export function contentTypeOf(name: string): string {
  return `application/${name}`;
}
