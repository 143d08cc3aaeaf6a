import { existsSync } from "node:fs";
import path from "node:path";
import { root } from "./root.mjs";

/**
 * How the packages with the buf binary call a processor, by platform.
 * @type {Record<string, Record<string, string>>}
 */
const architectures = {
  linux: { x64: "x64", arm64: "aarch64", arm: "armv7" },
  darwin: { x64: "x64", arm64: "arm64" },
  win32: { x64: "x64", arm64: "arm64" },
};

/**
 * Answers the path of the buf binary: the one in its platform's package, because the command of
 * `@bufbuild/buf` itself is put in its final place by an install script, and those may be blocked.
 */
export function bufBinary() {
  const { platform, arch } = process;
  const suffix = architectures[platform]?.[arch];
  const name = platform === "win32" ? "buf.exe" : "buf";
  const binary = path.join(
    root,
    "node_modules",
    "@bufbuild",
    `buf-${platform}-${suffix}`,
    "bin",
    name,
  );
  return existsSync(binary) ? binary : path.join(root, "node_modules", ".bin", "buf");
}
