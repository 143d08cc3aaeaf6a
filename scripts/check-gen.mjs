// The committed generated code is what the .proto files give.
import { compareGenerated, withFreshCode } from "./lib/generated-code.mjs";

/**
 * Finds generated files that are stale, missing, or made by no template.
 * @param {string} base
 * @returns {Promise<import("./lib/finding.mjs").Finding[]>}
 */
export async function checkGen(base) {
  const { changed, stray } = await withFreshCode((fresh) => compareGenerated(fresh, base));
  return [
    ...changed.map((file) => ({
      file,
      line: 1,
      message: "is not what its .proto gives: npm run gen",
    })),
    ...stray.map((file) => ({ file, line: 1, message: "is made by no template: npm run gen" })),
  ];
}
