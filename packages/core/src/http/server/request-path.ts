/** The path and the query of a request, both as they came. */
export interface Target {
  readonly path: string;
  readonly query: string;
}

/** Splits a request target; the scheme and host that a proxy request has before its path are dropped. */
export function splitTarget(target: string): Target {
  const text = target.startsWith("/") ? target : withoutOrigin(target);
  const mark = text.indexOf("?");
  return mark === -1
    ? { path: text, query: "" }
    : { path: text.slice(0, mark), query: text.slice(mark + 1) };
}

/** The path without empty segments and without `.` and `..`; a slash at the end stays. */
export function cleanPath(path: string): string {
  if (!path.includes("//") && !path.includes("/.")) return path;
  const segments: string[] = [];
  const parts = path.split("/");
  for (const part of parts) {
    if (part === "..") segments.pop();
    else if (part !== "" && part !== ".") segments.push(part);
  }
  const last = parts.at(-1);
  const isFolder = last === "" || last === "." || last === "..";
  return segments.length === 0 ? "/" : `/${segments.join("/")}${isFolder ? "/" : ""}`;
}

/** Joins a prefix and a path with one slash between them. */
export function joinPath(prefix: string, path: string): string {
  const head = prefix.endsWith("/") ? prefix.slice(0, -1) : prefix;
  if (path === "" || path === "/") return head === "" ? "/" : head;
  const joined = path.startsWith("/") ? `${head}${path}` : `${head}/${path}`;
  return joined.startsWith("/") ? joined : `/${joined}`;
}

function withoutOrigin(target: string): string {
  const scheme = target.indexOf("://");
  if (scheme === -1) return target;
  const slash = target.indexOf("/", scheme + 3);
  return slash === -1 ? "/" : target.slice(slash);
}
