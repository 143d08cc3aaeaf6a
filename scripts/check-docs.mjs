// What is written is true: documented defaults, links, and the examples in documents.
import { readFileSync } from "node:fs";
import path from "node:path";
import { wrongDefaults } from "./lib/documented-defaults.mjs";
import { wrongExamples } from "./lib/documented-examples.mjs";
import { wrongLinks } from "./lib/documented-links.mjs";
import { listFiles } from "./lib/list-files.mjs";
import { parseModule } from "./lib/parse-module.mjs";
import { sourceFiles } from "./lib/source-files.mjs";

/**
 * Finds defaults, links and examples that are not true any more.
 * @param {string} base
 * @returns {import("./lib/finding.mjs").Finding[]}
 */
export function checkDocs(base) {
  const documents = listFiles(base).filter(
    (file) => file.endsWith(".md") && !file.includes("/testdata/"),
  );
  return [
    ...sourceFiles(base).flatMap((file) => wrongDefaults(parseModule(base, file))),
    ...documents.flatMap((file) => {
      const text = readFileSync(path.join(base, file), "utf8");
      return [...wrongLinks(base, { file, text }), ...wrongExamples(base, { file, text })];
    }),
  ];
}
