// What every package.json of the workspace says, and whether it declares what its code imports.
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { importsOf } from "./lib/imports-of.mjs";
import { listFiles } from "./lib/list-files.mjs";
import { parseModule } from "./lib/parse-module.mjs";
import { isTest } from "./lib/source-files.mjs";

/**
 * @typedef {object} Manifest
 * @property {string} file
 * @property {string} folder
 * @property {Record<string, any>} fields
 */

/**
 * Finds packages that break the workspace's conventions, and dependencies that are missing or not used.
 * @param {string} base
 * @returns {import("./lib/finding.mjs").Finding[]}
 */
export function checkPackages(base) {
  const manifests = listFiles(base)
    .filter((file) => /^(packages|contrib|examples)\/[^/]+\/package\.json$/.test(file))
    .map((file) => readManifest(base, file));
  const version = manifests.find(({ fields }) => fields.name === "@kratosjs/core")?.fields.version;
  return manifests.flatMap((manifest) => {
    const messages = [
      ...wrongFields(base, manifest),
      ...wrongVersions(manifest, version),
      ...wrongDependencies(manifest, importedPackages(base, modulesOf(base, manifest.folder))),
    ];
    return messages.map((message) => ({ file: manifest.file, line: 1, message }));
  });
}

/**
 * @param {string} base
 * @param {string} file
 * @returns {Manifest}
 */
function readManifest(base, file) {
  return {
    file,
    folder: path.posix.dirname(file),
    fields: JSON.parse(readFileSync(path.join(base, file), "utf8")),
  };
}

/**
 * @param {string} base
 * @param {Manifest} manifest
 */
function wrongFields(base, { folder, fields }) {
  const rules = [
    [/^@kratosjs\/[a-z0-9-]+$/.test(fields.name), "name is not @kratosjs/..."],
    [fields.type === "module", 'type is not "module"'],
    [typeof fields.description === "string", "description is missing"],
    [existsSync(path.join(base, folder, "tsconfig.json")), "has no tsconfig.json"],
  ];
  const published = [
    [typeof fields.exports === "object", "exports is missing"],
    [fields.engines?.node === ">=20.19", 'engines.node is not ">=20.19"'],
    [fields.sideEffects === false, "sideEffects is not false"],
    [typeof fields.license === "string", "license is missing"],
    [Array.isArray(fields.files), "files is missing"],
  ];
  return [...rules, ...(fields.private === true ? [] : published)].flatMap(([holds, message]) =>
    holds ? [] : [String(message)],
  );
}

/**
 * @param {Manifest} manifest
 * @param {string | undefined} version The version all packages have.
 */
function wrongVersions({ fields }, version) {
  const internal = Object.entries(declared(fields)).filter(([name]) =>
    name.startsWith("@kratosjs/"),
  );
  return [["version", fields.version], ...internal]
    .filter(([, value]) => version !== undefined && value !== version)
    .map(([name, value]) => `${name} is ${value}, not ${version} as in @kratosjs/core`);
}

/**
 * Lists the modules of a package, the generated ones too.
 * @param {string} base
 * @param {string} folder
 */
function modulesOf(base, folder) {
  return listFiles(base, `${folder}/src`).filter(
    (file) => file.endsWith(".ts") && !isTest(file) && !file.includes("/testdata/"),
  );
}

/** @param {Record<string, any>} fields */
function declared({ dependencies = {}, peerDependencies = {}, optionalDependencies = {} }) {
  return { ...dependencies, ...peerDependencies, ...optionalDependencies };
}

/**
 * @param {Manifest} manifest
 * @param {ReadonlySet<string>} imported
 */
function wrongDependencies({ fields }, imported) {
  const known = declared(fields);
  return [
    ...[...imported]
      .filter((name) => !(name in known) && !name.startsWith("node:"))
      .map((name) => `does not declare ${name}, which its code imports`),
    ...Object.keys(known)
      .filter((name) => !imported.has(name))
      .map((name) => `declares ${name}, which its code does not import`),
  ];
}

/**
 * Names the packages that files and the generated code beside them import.
 * @param {string} base
 * @param {readonly string[]} files
 */
function importedPackages(base, files) {
  const specifiers = files.flatMap((file) =>
    importsOf(parseModule(base, file)).map((each) => each.specifier),
  );
  return new Set(specifiers.filter((each) => !each.startsWith(".")).map(packageOf));
}

/** @param {string} specifier */
function packageOf(specifier) {
  if (specifier.startsWith("node:")) return specifier;
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}
