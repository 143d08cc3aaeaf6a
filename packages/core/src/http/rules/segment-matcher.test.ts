import { describe, expect, it, test } from "vitest";
import { createRouteTable, parseTemplate, type RouteTable } from "./index.ts";

function tableOf(...paths: readonly string[]): RouteTable<string> {
  const table = createRouteTable<string>();
  for (const path of paths)
    table.add({ method: "GET", template: parseTemplate(path), value: path, place: path });
  return table;
}

function values(template: string, path: string): readonly string[] | undefined {
  const found = tableOf(template).match("GET", path);
  return found?.route === undefined ? undefined : found.variables;
}

describe("createRouteTable() with expressions", () => {
  it.each([
    ["/{id:[0-9]+}", "/42", ["42"]],
    ["/{id:[0-9]+}", "/4x", undefined],
    ["/{id:[0-9]+}", "/x4", undefined],
    ["/{id:[0-9]{2,3}}", "/1234", undefined],
    ["/{id:\\d+}", "/12", ["12"]],
    ["/{y:[0-9]{4}}-{m:[0-9]{2}}", "/2024-05", ["2024", "05"]],
    ["/{a}-{b}", "/x-y-z", ["x-y", "z"]],
    ["/{file}.json", "/a.b.json", ["a.b"]],
    ["/{id:a|ab}", "/ab", ["ab"]],
    ["/{id:(?i)abc}", "/aBC", ["aBC"]],
    ["/{id:[[:alpha:]]+}", "/abc", ["abc"]],
    ["/{id:[[:alpha:]]+}", "/ab1", undefined],
    ["/{id:\\pL+}", "/%C3%A9t%C3%A9", ["été"]],
    ["/{id:[[:^digit:]]+}", "/a/b", ["a/b"]],
    ["/{path:[^x]+}", "/a/b", ["a/b"]],
    ["/{path:[a-z]+/[a-z]+}", "/a/b", ["a/b"]],
    ["/{id:[a-z][a-z0-9-]*}", "/a-1", ["a-1"]],
    ["/v{major:[0-9]+}.{minor:[0-9]+}", "/v10.2", ["10", "2"]],
    ["/{id:^x$}", "/x", ["x"]],
    ["/{id:.}", "/%F0%9F%98%80", ["😀"]],
    ["/{id:.+}", "/a%0Ab", undefined],
    ["/x{id}", "/xa%0Ab", ["a\nb"]],
    ["/{id:\\x61}", "/a", ["a"]],
    ["/{id:[^]a]+}", "/b]", undefined],
    ["/{id:[]a]+}", "/a]", ["a]"]],
  ])("%s takes %s as %j", (template, path, expected) => {
    expect(values(template, path)).toEqual(expected);
  });

  it.each([
    ["[", "must be RE2's"],
    ["(?=x)", "must be RE2's"],
    ["(a)\\1", "must be RE2's"],
    ["(?<=a)b", "must be RE2's"],
    ["a{2000}", "must be RE2's"],
    ["(x)", "must not have capturing groups"],
    ["(?P<n>x)", "must not have capturing groups"],
    ["x)|(?:y", "must be RE2's"],
  ])("refuses {id:%s}, and keeps nothing of it", (expression, rule) => {
    const table = tableOf();
    const template = parseTemplate(`/{id:${expression}}`);
    const add = () => table.add({ method: "GET", template, value: "", place: "test" });
    expect(add).toThrow(TypeError);
    expect(add).toThrow(
      `Cannot match path template ${JSON.stringify(template.text)} as its expressions ${rule}: current value is ${JSON.stringify(expression)}`,
    );
    expect(table.routes()).toEqual([]);
  });
});

test.each([
  ["/{id:(?:a+)+b}", "a"],
  ["/{id:(?:a|aa)+b}", "a"],
  ["/{id:[a-z]*[a-z]*[a-z]*[a-z]*[a-z]*[0-9]}", "a"],
  ["/{a}-{b}-{c}-{d}x", "-"],
  ["/x/{rest:(?:[a-z/]+)+!}/end", "a"],
])("createRouteTable() answers for %s in no time, whatever the path is", (template, letter) => {
  const table = tableOf(template);
  const path = `/${letter.repeat(8000)}`;
  const started = performance.now();
  expect(table.match("GET", path)).toBeUndefined();
  expect(performance.now() - started).toBeLessThan(1000);
});
