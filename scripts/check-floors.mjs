// Imports go down: between the packages, and between the rooms of core.
import path from "node:path";
import { importsOf } from "./lib/imports-of.mjs";
import { parseModule } from "./lib/parse-module.mjs";
import { sourceFiles } from "./lib/source-files.mjs";

/** The packages by floor; contrib packages and then examples stand above all of them. */
/** @type {Record<string, number>} */
const packageFloors = {
  h2: 0,
  aegis: 0,
  protos: 0,
  core: 1,
  testing: 2,
  openapi: 2,
  web: 2,
  gateway: 4,
  console: 4,
  cli: 4,
};
const contribFloor = 3;
const exampleFloor = 5;

/** The rooms of core by floor. The folders inside those of `contracts` are implementations, on a floor of their own. */
const roomFloors = floors([
  ["context", "errors", "metadata"],
  ["log", "encoding", "registry", "transport"],
  ["middleware", "selector", "config"],
  [], // the implementations of the two floors below
  ["rpc"],
  ["http", "grpc"],
  ["app"],
]);
const coreSource = "packages/core/src/";
const contracts = new Set([
  "log",
  "encoding",
  "registry",
  "transport",
  "middleware",
  "selector",
  "config",
]);
const implementationFloor = 3;

/**
 * Imports between rooms that break the rule for a reason. One that no longer exists fails.
 * @type {readonly { from: string, to: string, reason: string }[]}
 */
const documented = [
  ...["form", "json", "proto", "xml", "yaml"].map((codec) => ({
    from: "encoding/defaults",
    to: `encoding/${codec}`,
    reason: "puts the ready-made set of codecs together",
  })),
  ...["xml", "yaml"].map((codec) => ({
    from: `encoding/${codec}`,
    to: "encoding/json",
    reason: "is proto JSON in another syntax, and nothing else",
  })),
  {
    from: "http",
    to: "grpc",
    reason: "serves gRPC on the port of an HttpServer that is told to",
  },
];

/**
 * A place on the way up: a room of core, or an implementation in it.
 * @typedef {{ name: string, room: string, floor: number }} Unit
 */

/**
 * Finds imports that go up or sideways.
 * @param {string} base
 * @param {typeof documented} [exceptions]
 * @returns {import("./lib/finding.mjs").Finding[]}
 */
export function checkFloors(base, exceptions = documented) {
  const places = sourceFiles(base).flatMap((file) =>
    importsOf(parseModule(base, file)).map(({ specifier, line }) => ({
      file,
      line,
      target: targetOf(file, specifier),
    })),
  );
  const used = new Set();
  const wrong = places.flatMap((place) => {
    const exception = exceptions.find(
      (each) => each.from === unitOf(place.file)?.name && each.to === unitOf(place.target)?.name,
    );
    if (exception) used.add(exception);
    const message = exception ? undefined : wrongImport(place.file, place.target);
    return message ? [{ file: place.file, line: place.line, message }] : [];
  });
  const stale = exceptions
    .filter((exception) => !used.has(exception))
    .map(({ from, to }) => ({
      file: `packages/core/src/${from}`,
      line: 1,
      message: `does not import ${to}: remove the exception`,
    }));
  return [...wrong, ...stale, ...mutualImports(places)];
}

/**
 * Answers the file an import names, or what it names when that is not a path.
 * @param {string} file
 * @param {string} specifier
 */
function targetOf(file, specifier) {
  return specifier.startsWith(".")
    ? path.posix.join(path.posix.dirname(file), specifier)
    : specifier;
}

/**
 * Says what is wrong with an import, if anything.
 * @param {string} file
 * @param {string} target The file it names, or what it names when that is not a path.
 */
function wrongImport(file, target) {
  const [place, name] = file.split("/");
  const own = `${place}/${name}/`;
  const named = /^@kratosjs\/([^/]+)/.exec(target)?.[1];
  if (named !== undefined) return wrongPackage(place, name, named);
  if (/^(packages|contrib|examples)\//.test(target) && !target.startsWith(own))
    return `imports ${target} by its path: use the package's name`;
  if (own !== "packages/core/" || !target.startsWith(own)) return undefined;
  return wrongRoom(file, target);
}

/**
 * @param {string} place
 * @param {string} name
 * @param {string} imported The package's name without its scope.
 */
function wrongPackage(place, name, imported) {
  const from = floorOfPackage(place, name);
  const to = imported in packageFloors ? packageFloors[imported] : contribFloor;
  if (from === undefined)
    return `the package ${name} has no floor: give it one in scripts/check-floors.mjs`;
  if (place === "packages" && name === imported)
    return `imports its own package by name: use a relative path`;
  return to < from
    ? undefined
    : `${place}/${name} imports @kratosjs/${imported}, which is not below it`;
}

/**
 * @param {string} place
 * @param {string} name
 * @returns {number | undefined}
 */
function floorOfPackage(place, name) {
  if (place === "packages") return packageFloors[name];
  return place === "contrib" ? contribFloor : exampleFloor;
}

/**
 * @param {string} file
 * @param {string} target
 */
function wrongRoom(file, target) {
  if (file === `${coreSource}index.ts`) return undefined;
  const from = unitOf(file);
  const to = unitOf(target);
  if (from === undefined)
    return `belongs to no room of core: rooms are listed in scripts/check-floors.mjs`;
  if (to === undefined) return `imports ${target}, which belongs to no room`;
  // An implementation may use what its own room keeps to itself.
  if (from.name === to.name || from.room === to.name) return undefined;
  if (target !== `${coreSource}${to.name}/index.ts`)
    return `imports ${target}: only ${to.name}/index.ts is open to other rooms`;
  if (from.room === "app" && to.floor > 2)
    return `app imports ${to.name}: it may import contracts only`;
  if (to.floor < from.floor || (to.floor === from.floor && from.floor < implementationFloor))
    return undefined;
  return `${from.name} (floor ${from.floor}) imports ${to.name} (floor ${to.floor})`;
}

/**
 * Answers the room or implementation a file of core belongs to.
 * @param {string} file
 * @returns {Unit | undefined}
 */
function unitOf(file) {
  if (!file.startsWith(coreSource)) return undefined;
  const [room, ...rest] = file.slice(coreSource.length).split("/");
  if (!(room in roomFloors) || rest.length === 0) return undefined;
  if (contracts.has(room) && rest.length > 1)
    return { name: `${room}/${rest[0]}`, room, floor: implementationFloor };
  return { name: room, room, floor: roomFloors[room] };
}

/**
 * Finds rooms of one floor that use one another: contracts may, in one direction.
 * @param {readonly { file: string, line: number, target: string }[]} places
 */
function mutualImports(places) {
  const level = places.flatMap(({ file, line, target }) => {
    const from = unitOf(file);
    const to = unitOf(target);
    return from && to && from.floor === to.floor && from.name !== to.name
      ? [{ file, line, from: from.name, to: to.name }]
      : [];
  });
  return level
    .filter(({ from, to }) => reaches(level, to, from))
    .map(({ file, line, from, to }) => ({
      file,
      line,
      message: `${from} imports ${to}, which imports ${from}`,
    }));
}

/**
 * @param {readonly { from: string, to: string }[]} edges
 * @param {string} from
 * @param {string} to
 */
function reaches(edges, from, to) {
  const seen = new Set([from]);
  for (const each of seen) for (const edge of edges) if (edge.from === each) seen.add(edge.to);
  return seen.has(to);
}

/**
 * Answers each room's floor.
 * @param {readonly (readonly string[])[]} rooms By floor, the lowest first.
 * @returns {Record<string, number>}
 */
function floors(rooms) {
  return Object.fromEntries(rooms.flatMap((names, floor) => names.map((name) => [name, floor])));
}
