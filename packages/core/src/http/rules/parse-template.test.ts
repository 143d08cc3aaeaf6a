import { describe, expect, it } from "vitest";
import { parseTemplate } from "./index.ts";

const kinds = (text: string): string[] =>
  parseTemplate(text).segments.map((segment) =>
    segment.kind === "literal" ? segment.text : segment.kind,
  );

describe("parseTemplate()", () => {
  it.each([
    ["/", [""]],
    ["/v1/users", ["v1", "users"]],
    ["/v1/users/", ["v1", "users", ""]],
    ["/v1/*/x/**", ["v1", "any", "x", "rest"]],
    ["/v1/{name=shelves/*/books/**}", ["v1", "shelves", "any", "books", "rest"]],
    ["/a%20b/{x}", ["a b", "any"]],
    ["/index/{id:[0-9]{2,3}}", ["index", "pattern"]],
    ["/{a}-{b}", ["pattern"]],
    ["/{name=**}/sub", ["rest", "sub"]],
  ])("parseTemplate() takes %s apart", (text, segments) => {
    expect(kinds(text)).toEqual(segments);
  });

  it("parseTemplate() tells which segments a variable covers", () => {
    const { variables, rest, verb } = parseTemplate(
      "/v1/{name=shelves/*}/books/{book.id}/{tail=**}:merge",
    );
    expect(variables).toEqual([
      { name: "name", from: 1, to: 3, isMulti: true, group: undefined },
      { name: "book.id", from: 4, to: 5, isMulti: false, group: undefined },
      { name: "tail", from: 5, to: 6, isMulti: true, group: undefined },
    ]);
    expect({ rest, verb }).toEqual({ rest: 5, verb: "merge" });
  });

  it("parseTemplate() finds a verb after a literal, a wildcard and a variable", () => {
    for (const path of ["/v1/a", "/v1/*", "/v1/{a}", "/v1/{a=b/*}"])
      expect(parseTemplate(`${path}:run`)).toMatchObject({ verb: "run" });
  });

  it.each([
    ["", "it must start with a slash", 0],
    ["v1", "it must start with a slash", 0],
    ["/v1/{name", "braces must be balanced", 9],
    ["/v1/name}", "braces must be balanced", 8],
    ["/{}", "a variable must be named after a field", 2],
    ["/{a b}", "a variable must be named after a field", 2],
    ["/{a..b}", "a variable must be named after a field", 2],
    ["/{a=}", 'the pattern of variable "a" must not be empty', 2],
    ["/{a=b//c}", 'the pattern of variable "a" must not have empty segments', 1],
    ["/{a={b}}", 'the pattern of variable "a" must not hold variables', 2],
    ["/{a}/{a}", 'variable "a" must stand once', 5],
    ["/**/{a=**}", "only one part of it may cross slashes", 10],
    ["/x*", "a wildcard must be a whole segment", 1],
    ["/x{a=b/*}", 'variable "a" must be a whole segment', 1],
    ["/v1/a:", "a verb must not be empty", 5],
    ["/a%zz", "its escapes must be valid", 1],
    ["/v1/a?b=c", "it must not have a query or a fragment", 4],
    ["/v1/a#b", "it must not have a query or a fragment", 4],
  ])("parseTemplate() refuses %j", (text, rule, position) => {
    const parse = () => parseTemplate(text);
    expect(parse).toThrow(TypeError);
    expect(parse).toThrow(
      `Cannot parse path template as ${rule}: current value is ${JSON.stringify(text)} at position ${position}`,
    );
  });
});
