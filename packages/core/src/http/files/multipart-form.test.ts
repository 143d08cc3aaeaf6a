import { once } from "node:events";
import { afterEach, expect, test } from "vitest";
import { dial } from "../testdata/serve.ts";
import { readMultipart } from "../index.ts";
import { ProfileSchema } from "./testdata/media_pb.js";
import { httpBody, serveMedia, stopMedia } from "./testdata/media-service.ts";

afterEach(stopMedia);

const base64 = (text: string): string => Buffer.from(text).toString("base64");

function form(...parts: readonly (readonly [string, string | Blob, string?])[]): FormData {
  const data = new FormData();
  for (const [name, value, filename] of parts) {
    if (typeof value === "string") data.append(name, value);
    else if (filename === undefined) data.append(name, value);
    else data.append(name, value, filename);
  }
  return data;
}

const png = (text: string): Blob => new Blob([text], { type: "image/png" });

async function post(body: FormData, options = {}): Promise<{ status: number; json: unknown }> {
  const { origin } = await serveMedia({}, options);
  const reply = await fetch(`${origin}/v1/profiles`, { method: "POST", body });
  return { status: reply.status, json: await reply.json() };
}

test("multipart/form-data fills fields by name, texts by the rules of forms", async () => {
  const { json } = await post(
    form(
      ["nick", "ann"],
      ["age", "7"],
      ["tags", "a"],
      ["tags", "b"],
      ["bornAt", "2020-01-02T03:04:05Z"],
      ["partner.nick", "bob"],
      ["labels[x]", "y"],
      ["unknown", "ignored"],
    ),
  );
  expect(json).toMatchObject({
    nick: "ann",
    age: 7,
    tags: ["a", "b"],
    bornAt: "2020-01-02T03:04:05Z",
    partner: { nick: "bob" },
    labels: { x: "y" },
  });
});

test("multipart/form-data fills bytes and HttpBody from files, lists and nested ones too", async () => {
  const { json } = await post(
    form(
      ["avatar", png("A"), "a.png"],
      ["cover", png("C"), "c.png"],
      ["thumbs", png("1"), "1.png"],
      ["thumbs", png("2"), "2.png"],
      ["photos", png("P"), "p.png"],
      ["photos", "a text"],
      ["partner.avatar", png("B"), "b.png"],
      ["unknown", png("U"), "u.png"],
    ),
  );
  expect(json).toMatchObject({
    avatar: base64("A"),
    cover: { contentType: "image/png", data: base64("C") },
    thumbs: [base64("1"), base64("2")],
    photos: [
      { contentType: "image/png", data: base64("P") },
      { contentType: "text/plain", data: base64("a text") },
    ],
    partner: { avatar: base64("B") },
  });
});

test("multipart/form-data reads a text for bytes as base64, as forms do", async () => {
  const { json } = await post(form(["avatar", base64("xyz")]));
  expect(json).toMatchObject({ avatar: base64("xyz") });
});

test("multipart/form-data reads a part of the type of a codec into a message", async () => {
  const { origin } = await serveMedia();
  const body = [
    "--BB",
    'Content-Disposition: form-data; name="partner"',
    "Content-Type: application/json",
    "",
    '{"nick":"bob","age":3}',
    "--BB--",
    "",
  ].join("\r\n");
  const headers = { "content-type": "multipart/form-data; boundary=BB" };
  const reply = await fetch(`${origin}/v1/profiles`, { method: "POST", headers, body });
  expect(await reply.json()).toMatchObject({ partner: { nick: "bob", age: 3 } });
});

test("multipart/form-data fills the field that is the body, and the path the rest", async () => {
  const { origin } = await serveMedia();
  const reply = await fetch(`${origin}/v1/accounts/a7/profile`, {
    method: "PUT",
    body: form(["nick", "ann"], ["avatar", png("A"), "a.png"]),
  });
  expect(await reply.json()).toMatchObject({
    nick: "ann",
    avatar: base64("A"),
    labels: { account: "a7" },
  });
});

test("multipart/form-data leaves out a file that was not chosen", async () => {
  const { origin } = await serveMedia();
  // What browsers send; FormData here would leave the empty file name out.
  const file = 'Content-Disposition: form-data; name="cover"; filename=""\r\nContent-Type: a/b';
  const nick = 'Content-Disposition: form-data; name="nick"\r\n\r\nann';
  const body = `--BB\r\n${file}\r\n\r\n\r\n--BB\r\n${nick}\r\n--BB--\r\n`;
  const headers = { "content-type": "multipart/form-data; boundary=BB" };
  const reply = await fetch(`${origin}/v1/profiles`, { method: "POST", headers, body });
  const json = await reply.json();
  expect(json).not.toHaveProperty("cover.contentType");
  expect(json).toMatchObject({ nick: "ann" });
});

test("multipart/form-data is bound and read by routes written by hand too", async () => {
  const { server, origin } = await serveMedia();
  server.route("/hand").POST("/bind", async (http) => (await http.bind(ProfileSchema)).nick);
  server.route("/hand").POST("/read", async (http) => {
    const contentType = http.exchange.requestHeader.get("content-type");
    const names: string[] = [];
    const parts = readMultipart(http.exchange.body(1000), { contentType });
    for await (const { name, filename } of parts) names.push(`${name}=${filename}`);
    return names;
  });
  const send = async (path: string): Promise<unknown> => {
    const body = form(["nick", "ann"], ["avatar", png("A"), "a.png"]);
    return (await fetch(`${origin}/hand/${path}`, { method: "POST", body })).json();
  };
  expect(await send("bind")).toBe("ann");
  expect(await send("read")).toEqual(["nick=undefined", "avatar=a.png"]);
});

test("multipart/form-data to an HttpBody is taken as it is", async () => {
  const { origin } = await serveMedia();
  const reply = await fetch(`${origin}/v1/blobs`, { method: "POST", body: form(["a", "1"]) });
  expect(await reply.json()).toMatchObject({
    contentType: expect.stringMatching(/^multipart\/form-data; boundary=/),
  });
});

test.each([
  [
    form(["age", png("A"), "a.png"]),
    'field "age" takes no file as it is no bytes and no HttpBody but int32: current value is "a.png"',
  ],
  [form(["partner", png("A"), "a.png"]), "but media.v1.Profile"],
  [form(["age", "old"]), 'parsing field "age"'],
  [form(["nick", "a"], ["nick", "b"]), 'too many values for field "nick"'],
  [
    form(["avatar", png("A"), "a.png"], ["avatar", png("B"), "b.png"]),
    'too many values for field "avatar": current value is "b.png"',
  ],
])("multipart/form-data that does not fit is a 400 that says where", async (body, message) => {
  const { status, json } = await post(body);
  expect([status, json]).toMatchObject([
    400,
    { reason: "CODEC", message: expect.stringContaining(message) },
  ]);
});

test("multipart/form-data with names of the prototype fills no prototype", async () => {
  const { status } = await post(
    form(
      ["__proto__", "x"],
      ["constructor", "x"],
      ["__proto__.polluted", "x"],
      ["labels[__proto__]", "x"],
    ),
  );
  expect(status).toBe(200);
  expect(Reflect.get({}, "polluted")).toBeUndefined();
});

test("multipart/form-data is limited whole by maxBodyBytes, and each text by maxFieldBytes", async () => {
  const large = await post(form(["avatar", png("x".repeat(2000)), "a"]), { maxBodyBytes: 1000 });
  expect([large.status, large.json]).toMatchObject([413, { reason: "BODY_TOO_LARGE" }]);
  const text = await post(form(["nick", "12345"]), { multipart: { maxFieldBytes: 4 } });
  expect([text.status, text.json]).toMatchObject([
    413,
    {
      reason: "MULTIPART_LIMIT",
      message: 'the multipart body is over its limit: field "nick" is more than 4 bytes',
    },
  ]);
  const parts = await post(form(["a", "1"], ["b", "2"]), { multipart: { maxParts: 1 } });
  expect([parts.status, parts.json]).toMatchObject([413, { reason: "MULTIPART_LIMIT" }]);
});

test("multipart/form-data without a boundary, or cut short, is a 400", async () => {
  const { origin } = await serveMedia();
  const send = async (type: string, body: string): Promise<unknown> => {
    const headers = { "content-type": type };
    const reply = await fetch(`${origin}/v1/profiles`, { method: "POST", headers, body });
    return [reply.status, await reply.json()];
  };
  expect(await send("multipart/form-data", "x")).toMatchObject([400, { reason: "MULTIPART" }]);
  const cut = '--B\r\nContent-Disposition: form-data; name="nick"\r\n\r\nan';
  expect(await send("multipart/form-data; boundary=B", cut)).toMatchObject([
    400,
    { reason: "MULTIPART", message: expect.stringContaining("ends before its last boundary") },
  ]);
});

test("multipart/form-data whose peer leaves never reaches the handler", async () => {
  let calls = 0;
  const { host, origin } = await serveMedia({
    createProfile: async (profile) => {
      calls += 1;
      return profile;
    },
    getNamed: async () => ({ content: httpBody("text/plain", "ok") }),
  });
  const socket = dial(host);
  const head = "POST /v1/profiles HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n";
  socket.write(`${head}Content-Type: multipart/form-data; boundary=B\r\n\r\n--B\r\nContent-`);
  await once(socket, "connect");
  socket.destroy();
  await once(socket, "close");
  expect(await (await fetch(`${origin}/v1/blobs/a`)).text()).toBe("ok");
  expect(calls).toBe(0);
});
