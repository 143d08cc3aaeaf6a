import { create, type DescMethod } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { createRequestBuilder, requestBindingOf } from "./index.ts";
import { methodOf, type Rule } from "./testdata/method-of.ts";

const get = (path: string): Rule => ({ pattern: { case: "get", value: path } });

function pathOf(method: DescMethod, fields: Readonly<Record<string, unknown>>): string {
  const build = createRequestBuilder(method.input, requestBindingOf(method));
  return build(create(method.input, fields)).path;
}

describe("requestBindingOf()", () => {
  it("requestBindingOf() answers the first rule of a method", () => {
    const rule: Rule = { ...get("/v1/{name}"), additionalBindings: [get("/v2/{name}")] };
    expect(requestBindingOf(methodOf({ ...rule, responseBody: "item" }))).toMatchObject({
      httpMethod: "GET",
      template: { text: "/v1/{name}" },
      body: undefined,
      responseBody: { name: "item" },
      place: "test.Greeter/SayHello GET /v1/{name}",
    });
  });

  it("requestBindingOf() answers a POST of the whole message for a method without a rule", () => {
    expect(requestBindingOf(methodOf(undefined))).toMatchObject({
      httpMethod: "POST",
      template: { text: "/test.Greeter/SayHello" },
      body: "*",
      responseBody: undefined,
    });
  });

  it("requestBindingOf() answers a POST without a body for a rule without a path", () => {
    expect(requestBindingOf(methodOf({}))).toMatchObject({
      httpMethod: "POST",
      template: { text: "/test.Greeter/SayHello" },
      body: undefined,
    });
  });

  it.each([
    ["a body that is no field", { ...get("/x"), body: "missing" }],
    ["a response body that is no field", { ...get("/x"), responseBody: "missing" }],
  ])("requestBindingOf() refuses %s", (_what, rule) => {
    expect(() => requestBindingOf(methodOf(rule))).toThrow(TypeError);
    expect(() => requestBindingOf(methodOf(rule))).toThrow("must be a field of test.Request");
  });
});

describe("createRequestBuilder() of a template that nobody has read", () => {
  it.each([
    ["/v1/{name=a/*}/{id}:run", { name: "a/b c", id: "7" }, "/v1/a/b%20c/7:run"],
    ["/v1/{name=**}/x", { name: "a/b" }, "/v1/a/b/x"],
    ["/v1/{name=a%20b/*}", { name: "a b/c" }, "/v1/a%20b/c"],
    ["/a%2fb/é/@me", {}, "/a%2Fb/%C3%A9/@me"],
    ["/{name}-{id}.txt", { name: "..", id: "a/b" }, "/..-a%2Fb.txt"],
    ["/{id:[0-9]{2,3}}", { id: "123" }, "/123"],
    ["/{id:[^/]+}/x", { id: "a/b" }, "/a%2Fb/x"],
    ["/{name}-{id:.*}", { name: "a/b", id: "c/d" }, "/a/b-c/d"],
    ["/x/{name:a/b{2}}/y", { name: "a/bb" }, "/x/a/bb/y"],
    ["/50%-{id}", { id: "7" }, "/50%25-7"],
  ])("createRequestBuilder() writes %s", (path, fields, expected) => {
    expect(pathOf(methodOf({ ...get(path), body: "*" }), fields)).toBe(expected);
  });

  it.each([
    "v1",
    "/v1/{name",
    "/v1/name}",
    "/{}",
    "/{a b}",
    "/{name=}",
    "/{name={id}}",
    "/v1/*",
    "/v1/x*",
    "/{missing}",
    "/{name.x}",
    "/{item..name}",
    "/{tags}",
  ])("createRequestBuilder() refuses %s", (path) => {
    const compose = () => pathOf(methodOf(get(path)), { name: "a", id: "b" });
    expect(compose).toThrow(TypeError);
    expect(compose).toThrow("Cannot bind test.Greeter/SayHello GET");
  });
});
