import type { WrittenCase } from "./written-case.ts";

const search = (query: string, request: WrittenCase["request"]): WrittenCase => ({
  reaches: "Kinds.Search",
  method: "GET",
  target: `/kinds/v1/things?${query}`,
  request,
});

const place = (path: string, request: WrittenCase["request"]): WrittenCase => ({
  reaches: "Kinds.Place",
  method: "GET",
  target: `/kinds/v1/place/${path}`,
  request,
});

export const kindsRequests: readonly WrittenCase[] = [
  search("double=1.5&float=-0.25&int32=-7&int64=-9223372036854775808", {
    double: 1.5,
    float: -0.25,
    int32: -7,
    int64: "-9223372036854775808",
  }),
  search("uint32=4294967295&uint64=18446744073709551615&sint64=-1&fixed64=2", {
    uint32: 4294967295,
    uint64: "18446744073709551615",
    sint64: "-1",
    fixed64: "2",
  }),
  search("double=Infinity&doubles=1e3&doubles=-1", { double: "Infinity", doubles: [1000, -1] }),
  search("bool=true&bools=true&bools=false", { bool: true, bools: [true, false] }),
  search("data=AAECAw==&wrappedData=_-8%3D", { data: "AAECAw==", wrappedData: "/+8=" }),
  search("color=GREEN&colors=RED&colors=2", { color: "GREEN", colors: ["RED", "GREEN"] }),
  search("texts=a&texts=b&texts=&longs=1&longs=-2", { texts: ["a", "b", ""], longs: ["1", "-2"] }),
  search("labels[a]=1&labels%5Bb.c%5D=2&labels.d=3", { labels: { a: "1", "b.c": "2", d: "3" } }),
  search("colorOf[1]=RED&color_of[-2]=2&longOf[true]=5", {
    colorOf: { "1": "RED", "-2": "GREEN" },
    longOf: { true: "5" },
  }),
  search("part.title=t&part.inner.inner.rank=3&part.notes=a&part.notes=b", {
    part: { title: "t", inner: { inner: { rank: 3 } }, notes: ["a", "b"] },
  }),
  search("time=2020-01-02T03:04:05.678Z&lasting=1.5s&mask=a,partInner.title", {
    time: "2020-01-02T03:04:05.678Z",
    lasting: "1.5s",
    mask: "a,partInner.title",
  }),
  search("time=2020-01-02T03:04:05%2B02:00&lasting=1h1m", {
    time: "2020-01-02T01:04:05Z",
    lasting: "3660s",
  }),
  search("wrappedText=x&wrappedLong=0&wrappedBool=false&wrappedDouble=2.5", {
    wrappedText: "x",
    wrappedLong: "0",
    wrappedBool: false,
    wrappedDouble: 2.5,
  }),
  search("optionalNumber=0&optional_text=x&chosenLong=0", {
    optionalNumber: 0,
    optionalText: "x",
    chosenLong: "0",
  }),
  search("chosenPart.title=x&nobody=knows&struct=%7B%22a%22%3A%5B1%5D%7D", {
    chosenPart: { title: "x" },
    struct: { a: [1] },
  }),
  {
    reaches: "Kinds.Search",
    method: "POST",
    target: "/kinds/v1/things?text=ignored",
    body: '{"int64": 7, "double": "NaN", "wrapped_long": "5", "color": 2, "wrappedText": null}',
    request: { int64: "7", double: "NaN", wrappedLong: "5", color: "GREEN" },
  },
  {
    reaches: "Kinds.Search",
    method: "POST",
    target: "/kinds/v1/things:search?text=t&part.title=ignored",
    body: '{"rank": 1}',
    request: { text: "t", part: { rank: 1 } },
  },
  {
    reaches: "Kinds.Search",
    method: "POST",
    target: "/kinds/v1/things:list?text=t",
    body: '["1", 2, "9223372036854775807"]',
    request: { text: "t", longs: ["1", "2", "9223372036854775807"] },
  },
  {
    reaches: "Kinds.Search",
    method: "POST",
    target: "/kinds/v1/things:map",
    body: '{"a": "b", "__proto__": "c"}',
    request: JSON.parse('{"labels": {"a": "b", "__proto__": "c"}}') as WrittenCase["request"], // a literal would set the prototype
  },
  {
    reaches: "Kinds.Search",
    method: "PROPFIND",
    target: "/kinds/v1/things/found?text=t",
    request: { text: "t" },
  },
  {
    reaches: "Kinds.Search",
    method: "POST",
    target: "/kinds/v1/things",
    contentType: "application/x-www-form-urlencoded",
    body: "text=a+b&texts=x&texts=y&part.rank=2",
    request: { text: "a b", texts: ["x", "y"], part: { rank: 2 } },
  },
  place("id/-7?total=1", { id: "-7", total: "1" }),
  place("total/18446744073709551615/color/GREEN", {
    total: "18446744073709551615",
    color: "GREEN",
  }),
  place("total/0/color/1?flag=true", { color: "RED", flag: true }),
  place("at/2020-01-01T00:00:00Z/for/90s", { time: "2020-01-01T00:00:00Z", lasting: "90s" }),
  place("ratio/-2.5e-3/flag/true", { ratio: -0.0025, flag: true }),
  place("key/AAEC%2Fw==", { key: "AAEC/w==" }),
  place("wrapped/5/a%2Fb", { wrappedLong: "5", wrappedText: "a/b" }),
  place("t/rank/2/part?part.inner.title=x", {
    part: { title: "t", rank: 2, inner: { title: "x" } },
  }),
  place("deep/rooms/1/a/b:open?part.rank=1", {
    part: { rank: 1, inner: { title: "rooms/1/a/b" } },
  }),
  place("one/x", { chosenText: "x" }),
  place("other/x?chosenPart.rank=1", { chosenPart: { title: "x", rank: 1 } }),
  {
    reaches: "Kinds.Place",
    method: "PATCH",
    target: "/kinds/v1/place/t?id=1",
    body: '{"title": "ignored", "rank": 3}',
    request: { id: "1", part: { title: "t", rank: 3 } },
  },
  ...(
    [
      ["text", { text: "t", number: "1" }, "t"],
      ["long", { number: "-9007199254740993" }, "-9007199254740993"],
      ["list", { parts: [{ title: "a" }] }, [{ title: "a", rank: 0, inner: null, notes: [] }]],
      [
        "map",
        { byName: { k: { rank: 1 } } },
        { k: { title: "", rank: 1, inner: null, notes: [] } },
      ],
      ["part", { part: { rank: 1 } }, { title: "", rank: 1, inner: null, notes: [] }],
      ["time", { time: "2020-01-01T00:00:00Z" }, "2020-01-01T00:00:00Z"],
      ["color", { color: "RED" }, "RED"],
      ["bytes", { data: "/+8=" }, "/+8="],
    ] as const
  ).map(([name, reply, answered]): WrittenCase => ({
    reaches: `Kinds.Reply${name.charAt(0).toUpperCase()}${name.slice(1)}`,
    method: "POST",
    target: `/kinds/v1/reply:${name}`,
    body: '{"text": "asked"}',
    request: { text: "asked" },
    reply: reply as WrittenCase["request"], // literals of JSON
    answered: answered as WrittenCase["request"],
  })),
];
