const lone = /[\ud800-\udfff]/gu;
// eslint-disable-next-line no-control-regex -- control characters are what it is for
const controls = /[\u0000-\u001f\u007f]/g;

/**
 * Writes a Content-Disposition as RFC 6266 does: `attachment; filename="na?ve.txt"; filename*=UTF-8''na%C3%AFve.txt`.
 * The second form is there only where the name is more than plain ASCII. Folders in the name are left out.
 */
export function contentDisposition(kind: "attachment" | "inline", filename?: string): string {
  const name = (filename ?? "")
    .replace(/^.*[/\\]/s, "")
    .replace(controls, " ")
    .replace(lone, "\ufffd");
  if (name === "") return kind;
  const ascii = name.replace(/[^\u0020-\u007e]/gu, "?");
  const quoted = `${kind}; filename="${ascii.replace(/["\\]/g, "\\$&")}"`;
  // Some browsers decode a "%41" in the plain form.
  if (ascii === name && !/%[\da-f]{2}/i.test(name)) return quoted;
  return `${quoted}; filename*=UTF-8''${extValue(name)}`;
}

function extValue(text: string): string {
  return encodeURIComponent(text).replace(
    /['()*]/g,
    (found) => `%${found.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
