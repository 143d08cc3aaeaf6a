import { listFiles } from "./list-files.mjs";

/** The folders that hold the project's code. */
const places = [
  "packages",
  "contrib",
  "examples",
  "templates",
  "bench",
  "interop",
  "fuzz",
  "scripts",
];

/**
 * Lists the modules people write: no generated code, no test data, no declarations.
 * @param {string} base
 * @returns {string[]}
 */
export function codeFiles(base) {
  return places
    .flatMap((place) => listFiles(base, place))
    .filter((file) => /\.(ts|mjs)$/.test(file) && !file.endsWith(".d.ts"))
    .filter((file) => !file.includes("/src/gen/") && !file.includes("/testdata/"));
}

/**
 * Tells whether a file holds tests.
 * @param {string} file
 */
export function isTest(file) {
  return file.endsWith(".test.ts");
}

/**
 * Lists the modules that a package or an example publishes or runs: code below a `src`, without the tests.
 * @param {string} base
 */
export function sourceFiles(base) {
  return codeFiles(base).filter(
    (file) => /^(packages|contrib|examples)\/[^/]+\/src\//.test(file) && !isTest(file),
  );
}
