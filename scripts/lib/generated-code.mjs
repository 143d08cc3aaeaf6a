import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { bufBinary } from "./buf.mjs";
import { listFiles } from "./list-files.mjs";
import { root } from "./root.mjs";
import { runProcess } from "./run-process.mjs";
import { step } from "./step.mjs";

/** Where the digest of the inputs of the last generation is kept. */
const stampFile = path.join(root, "node_modules", ".cache", "kratos", "generated.sha256");

/** The folders that may have a buf.gen.yaml. */
const places = ["packages", "contrib", "examples", "interop", "bench"];

/** Lists the templates of generated code: every buf.gen.yaml, relative to the repository. */
export function templates() {
  return places
    .flatMap((place) => listFiles(root, place))
    .filter((file) => path.basename(file) === "buf.gen.yaml");
}

/**
 * Lists the generated files below a folder laid out as the repository is.
 * @param {string} base
 */
export function generatedFiles(base) {
  return places
    .flatMap((place) => listFiles(base, place))
    .filter((file) => file.includes("/src/gen/"));
}

/**
 * Runs every template, calls back with the folder that holds the result in the repository's layout,
 * and removes it afterwards.
 * @template T
 * @param {(folder: string) => T} use
 * @returns {Promise<T>}
 */
export async function withFreshCode(use) {
  const folder = mkdtempSync(path.join(tmpdir(), "kratos-gen-"));
  try {
    for (const template of templates()) await generateInto(folder, template);
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {string} folder
 * @param {string} template
 */
async function generateInto(folder, template) {
  const { code, output } = await runProcess(bufBinary(), [
    "generate",
    "--template",
    template,
    "--output",
    folder,
  ]);
  if (code !== 0)
    throw new Error(
      `Cannot generate code as buf failed on ${template}: exit code is ${code}\n${output}`,
    );
}

/**
 * Names the generated files that differ between two folders laid out as the repository is.
 * @param {string} fresh
 * @param {string} present
 * @returns {{ changed: string[], stray: string[] }} Missing or different; and those no template makes.
 */
export function compareGenerated(fresh, present) {
  const made = generatedFiles(fresh);
  const changed = made.filter((file) => {
    const other = path.join(present, file);
    return !existsSync(other) || !readFileSync(other).equals(readFileSync(path.join(fresh, file)));
  });
  const stray = generatedFiles(present).filter((file) => !made.includes(file));
  return { changed, stray };
}

/**
 * Generates the code and writes what changed; files that stay the same keep their times, so that
 * the compiler has nothing to do for them.
 * @returns {Promise<number>} How many files changed.
 */
export async function generate() {
  return withFreshCode((fresh) => {
    const { changed, stray } = compareGenerated(fresh, root);
    for (const file of changed) cpSync(path.join(fresh, file), path.join(root, file));
    for (const file of stray) rmSync(path.join(root, file));
    mkdirSync(path.dirname(stampFile), { recursive: true });
    writeFileSync(stampFile, inputDigest());
    return changed.length + stray.length;
  });
}

/** Generates the code if its inputs changed since that was last done here, or if a file is missing. */
export async function ensureGenerated() {
  if (isGenerated()) return;
  await step("Generating code (buf)", generate);
}

function isGenerated() {
  if (!existsSync(stampFile) || readFileSync(stampFile, "utf8") !== inputDigest()) return false;
  return templates().every((template) => {
    const target = `${path.posix.dirname(template)}/src/gen`;
    return listFiles(root, target).length > 0;
  });
}

/** A digest of all that decides about the result: protos, templates, the versions of buf and the plugin. */
function inputDigest() {
  const hash = createHash("sha256");
  const inputs = places
    .flatMap((place) => listFiles(root, place))
    .filter((file) => /\.proto$|\/buf\.gen\.yaml$/.test(file));
  for (const file of ["buf.yaml", ...inputs])
    hash.update(`${file}\0`).update(readFileSync(path.join(root, file)));
  for (const tool of ["buf", "protoc-gen-es"]) {
    hash.update(readFileSync(path.join(root, "node_modules", "@bufbuild", tool, "package.json")));
  }
  return hash.digest("hex");
}
