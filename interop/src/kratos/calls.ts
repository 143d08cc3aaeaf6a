import type { JsonObject } from "@bufbuild/protobuf";
import type { Call, Wire } from "./call.ts";

/** A call that Go Kratos makes to itself first: what comes of it is what has to come of it for others. */
export interface JudgedCall extends Call {
  readonly name: string;
  /** Where it is made. @default both wires */
  readonly wires?: readonly Wire[];
}

const http = ["http"] as const;
const grpc = ["grpc"] as const;

const things: Readonly<Record<string, JsonObject>> = {
  nothing: {},
  text: { title: "a b+c&d=e/f?g#h%i", shelf: "x" },
  "text of other scripts": { title: "日本 é 😀", tags: ["é", "日本"] },
  "text JSON escapes": { title: '"\\\b\u2028<>' },
  integers: { count: -2147483648, total: "-9223372036854775808", size: "18446744073709551615" },
  floats: { ratio: 1.5e-7, part: 0.1 },
  "floats that are none": { ratio: "NaN", part: "-Infinity" },
  "large floats": { ratio: 1e21, part: 3.4028235e38 },
  "an enum": { kind: "KIND_BOOK", live: true },
  bytes: { data: "aGVsbG8=" },
  lists: { tags: ["a", "", "c"], numbers: [1, -2, 0], kinds: ["KIND_BOOK", "KIND_FILM"] },
  nested: { owner: { name: "Ada L", born: "1815", roles: ["x", "y"] } },
  maps: { labels: { a: "1", "b c": "d&e", é: "" }, slots: { "-1": "x", "2": "y" } },
  times: { madeAt: "2020-02-29T12:30:00.123456789Z", ttl: "90.5s" },
  "times before the epoch": { madeAt: "1969-12-31T23:59:59.5Z", ttl: "-0.000000001s" },
  wrappers: { maybeTotal: "9007199254740993", maybeText: "", maybeLive: false },
  "a field that may be absent": { chosen: 0 },
  "a member of a oneof": { shelf: "top" },
};

const echoes: readonly JudgedCall[] = Object.entries(things).flatMap(([name, thing]) => [
  { name: `${name} in a query`, method: "Get", input: { name: "n", ...thing } },
  { name: `${name} in a body`, method: "Create", input: thing },
  {
    name: `${name} in a body of protobuf`,
    method: "Create",
    input: thing,
    contentType: "application/proto",
    wires: http,
  },
  {
    name: `${name} in a field that is the body`,
    method: "Update",
    input: { thing: { name: "n", ...thing } },
  },
]);

const paths: readonly JudgedCall[] = ["plain", "a b", "é", "a:b", "a.b", "a,b;c"].map((name) => ({
  name: `the path of ${name}`,
  method: "Get",
  input: { name },
}));

// 412 is v3's here, and v2's there.
const codes = [400, 401, 403, 404, 409, 418, 429, 499, 500, 501, 503, 504, 599];

const failures: readonly JudgedCall[] = [
  ...codes.map((code) => ({
    name: `the error ${code}`,
    method: "Fail",
    input: { code, reason: "SO_IT_IS", message: `says ${code}`, metadata: { why: "é", n: "1" } },
  })),
  { name: "an error without a reason", method: "Fail", input: { code: 404, message: "gone" } },
  { name: "an error without a message", method: "Fail", input: { code: 404, reason: "GONE" } },
  {
    name: "an error with a message of other scripts",
    method: "Fail",
    input: { code: 400, reason: "R", message: "日本 100% \n" },
  },
  {
    name: "an error behind a stream",
    method: "Watch",
    inputs: [{ count: 2, fail: { code: 409, reason: "R", message: "m", metadata: { a: "b" } } }],
    wires: grpc,
  },
];

const rest: readonly JudgedCall[] = [
  {
    name: "a path of two variables",
    method: "GetDeep",
    input: { owner: { name: "Ada" }, count: 7 },
  },
  { name: "an empty reply", method: "Remove", input: { name: "n" } },
  { name: "an operation", method: "Tell" },
  {
    name: "metadata",
    method: "Tell",
    metadata: { "x-md-global-a": "1", "x-md-local-b": "2", "x-md-global-Upper": "C", other: "no" },
  },
  { name: "a wait in time", method: "Wait", input: { time: 20 } },
  {
    name: "a packed call",
    method: "Create",
    input: { title: "long ".repeat(1000) },
    gzip: true,
    wires: grpc,
  },
  { name: "a large message", method: "Create", input: { title: "x".repeat(1_000_000) } },
  { name: "a stream", method: "Watch", inputs: [{ count: 100 }], wires: grpc },
  { name: "an empty stream", method: "Watch", inputs: [{ count: 0 }], wires: grpc },
  {
    name: "a talk",
    method: "Talk",
    inputs: Array.from({ length: 50 }, (_, at) => ({ count: at })),
    wires: grpc,
  },
  { name: "a talk without words", method: "Talk", inputs: [], wires: grpc },
];

/** Every call that is judged by what Go Kratos makes of it alone. */
export const judgedCalls: readonly JudgedCall[] = [...echoes, ...paths, ...failures, ...rest];
