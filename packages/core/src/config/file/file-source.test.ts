import { spawnSync } from "node:child_process";
import { appendFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm, symlink, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Config, formatOfKey, type KeyValue, type Source } from "../index.ts";
import vectors from "../testdata/config-sources.json" with { type: "json" };
import { fileSource } from "./index.ts";

let place = "";
beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), "file-source-"));
});
afterEach(() => rm(place, { recursive: true, force: true }));

describe("fileSource() agrees with Go:", () => {
  for (const { name, input, expected } of vectors.cases) {
    if (input.kind === "format") {
      it(name, () => expect(formatOfKey(input.file ?? "")).toBe(expected.format));
    } else if (input.kind === "dir") {
      it(name, async () => {
        for (const entry of input.entries ?? []) {
          if ("dir" in entry) await mkdir(join(place, entry.name));
          else writeFileSync(join(place, entry.name), "{}");
        }
        expect((await fileSource(place).load()).map(({ key }) => key)).toEqual(expected.files);
      });
    }
  }
});

describe("fileSource() load()", () => {
  it("takes a file named explicitly, hidden or not, and fails where there is none", async () => {
    writeFileSync(join(place, ".app.json"), '{"a":1}');
    expect(await shown(fileSource(join(place, ".app.json")))).toEqual([
      [".app.json", "json", '{"a":1}'],
    ]);
    await expect(fileSource(join(place, "none.yaml")).load()).rejects.toMatchObject({
      code: "ENOENT",
    });
  });

  it("passes over what editors leave, links to nowhere and pipes", async () => {
    for (const name of ["a.json", "a.json~", ".a.json.swp", "a.swp", "a.swx", "#a.json#"])
      writeFileSync(join(place, name), "{}");
    await symlink("nowhere", join(place, "dangling.json"));
    expect(spawnSync("mkfifo", [join(place, "pipe.json")]).error).toBeUndefined();
    expect((await shown(fileSource(place))).map(([key]) => key)).toEqual(["a.json"]);
  });

  it("refuses a debounce that is no time", () => {
    for (const debounceMs of [-1, Number.NaN, 60_001])
      expect(() => fileSource("a", { debounceMs })).toThrow(RangeError);
  });
});

describe("fileSource() watch()", () => {
  it("follows edits in place, replacement by rename, and removal before creation", async () => {
    const file = join(place, "app.json");
    writeFileSync(file, "1");
    await using reader = read(fileSource(file, quick));
    expect(await reader.next()).toEqual([["app.json", "json", "1"]]);
    writeFileSync(file, "2");
    expect(await reader.next()).toEqual([["app.json", "json", "2"]]);
    for (const turn of ["3", "4", "5"]) {
      writeFileSync(join(place, "other"), turn);
      await rename(join(place, "other"), file);
      expect(await reader.next()).toEqual([["app.json", "json", turn]]);
    }
    await rename(file, `${file}~`);
    writeFileSync(file, "6");
    expect(await reader.next()).toEqual([["app.json", "json", "6"]]);
    appendFileSync(file, "7");
    expect(await reader.next()).toEqual([["app.json", "json", "67"]]);
  });

  it("keeps silent while the path is missing, a file or a directory", async () => {
    const directory = join(place, "conf");
    await mkdir(directory);
    for (const path of [join(place, "app.json"), directory]) {
      const file = path === directory ? join(path, "app.json") : path;
      writeFileSync(file, "1");
      await using reader = read(fileSource(path, quick));
      await reader.next();
      const next = reader.next();
      await rm(path, { recursive: true });
      await settled(place);
      if (path === directory) await mkdir(path);
      writeFileSync(`${file}~`, "2");
      await rename(`${file}~`, file);
      expect((await next).flat()).toEqual(["app.json", "json", "2"]);
    }
  });

  it("does not tell what was touched without being changed, nor of other files", async () => {
    writeFileSync(join(place, "a.json"), "1");
    await using reader = read(fileSource(join(place, "a.json"), quick));
    await reader.next();
    const next = reader.next();
    await utimes(join(place, "a.json"), new Date(), new Date());
    writeFileSync(`${join(place, "a.json")}~`, "1");
    await rename(`${join(place, "a.json")}~`, join(place, "a.json"));
    writeFileSync(join(place, "b.json"), "1");
    await settled(place);
    writeFileSync(`${join(place, "a.json")}~`, "2");
    await rename(`${join(place, "a.json")}~`, join(place, "a.json"));
    expect(await next).toEqual([["a.json", "json", "2"]]);
  });

  it("follows a link to another directory, edited there or turned elsewhere", async () => {
    for (const name of ["one", "two", "conf"]) await mkdir(join(place, name));
    writeFileSync(join(place, "one", "real"), "1");
    writeFileSync(join(place, "two", "real"), "2");
    const file = join(place, "conf", "app.json");
    await symlink(join(place, "one", "real"), file);
    await using reader = read(fileSource(file, quick));
    await reader.next();
    writeFileSync(join(place, "one", "real"), "1b");
    expect(await reader.next()).toEqual([["app.json", "json", "1b"]]);
    await symlink(join(place, "two", "real"), join(place, "conf", "next"));
    await rename(join(place, "conf", "next"), file);
    expect(await reader.next()).toEqual([["app.json", "json", "2"]]);
    writeFileSync(join(place, "two", "real"), "2b");
    expect(await reader.next()).toEqual([["app.json", "json", "2b"]]);
  });

  it("follows a directory that is a link and is turned to another", async () => {
    for (const name of ["one", "two"]) {
      await mkdir(join(place, name));
      writeFileSync(join(place, name, "app.json"), name);
    }
    await symlink("one", join(place, "current"));
    await using reader = read(fileSource(join(place, "current"), quick));
    expect(await reader.next()).toEqual([["app.json", "json", "one"]]);
    await symlink("two", join(place, "next"));
    await rename(join(place, "next"), join(place, "current"));
    expect(await reader.next()).toEqual([["app.json", "json", "two"]]);
    writeFileSync(join(place, "two", "app.json"), "edited");
    expect(await reader.next()).toEqual([["app.json", "json", "edited"]]);
  });

  it("follows a ConfigMap's single file through the swap of ..data", async () => {
    const revise = async (name: string): Promise<void> => {
      await mkdir(join(place, name));
      writeFileSync(join(place, name, "app.json"), name);
      await symlink(name, join(place, "..data_tmp"));
      await rename(join(place, "..data_tmp"), join(place, "..data"));
    };
    await revise("..1");
    await symlink(join("..data", "app.json"), join(place, "app.json"));
    await using reader = read(fileSource(join(place, "app.json"), quick));
    await reader.next();
    for (const name of ["..2", "..3"]) {
      await revise(name);
      expect(await reader.next()).toEqual([["app.json", "json", name]]);
    }
  });

  it("follows a directory that is removed and made again, and what is added to it", async () => {
    const directory = join(place, "conf");
    await mkdir(directory);
    writeFileSync(join(directory, "a.json"), "1");
    await using reader = read(fileSource(directory, quick));
    expect(await reader.next()).toEqual([["a.json", "json", "1"]]);
    writeFileSync(join(directory, "b.json"), "2");
    writeFileSync(join(directory, ".hidden.json"), "2");
    expect(await reader.next()).toHaveLength(2);
    await mkdir(join(place, "next"));
    writeFileSync(join(place, "next", "c.json"), "3");
    await rename(directory, join(place, "old"));
    await rename(join(place, "next"), directory);
    expect(await reader.next()).toEqual([["c.json", "json", "3"]]);
    writeFileSync(join(directory, "c.json"), "4");
    expect(await reader.next()).toEqual([["c.json", "json", "4"]]);
  });

  it("tells from time to time where changes never cease", async () => {
    const file = join(place, "a.json");
    writeFileSync(file, "start");
    await using reader = read(fileSource(file, { debounceMs: 30 }));
    await reader.next();
    let turn = 0;
    const writing = setInterval(() => appendFileSync(file, String(turn++)), 5);
    try {
      expect((await reader.next())[0]?.[2]).toMatch(/^start0/);
    } finally {
      clearInterval(writing);
    }
  });

  it("throws where the directory is gone, so that a Config tries again until it is back", async () => {
    const directory = join(place, "deep", "conf");
    await mkdir(directory, { recursive: true });
    writeFileSync(join(directory, "a.json"), '{"a":1}');
    let tell = (_: unknown): void => undefined;
    const failed = new Promise((resolve) => {
      tell = resolve;
    });
    const source = fileSource(join(directory, "a.json"), quick);
    const config = new Config({
      sources: [source],
      watchRetryDelayMs: 5,
      onError: (error) => tell(error),
    });
    await config.load();
    const changed = new Promise((resolve) => config.watch("a", (value) => resolve(value.int())));
    await rm(join(place, "deep"), { recursive: true });
    expect(await failed).toMatchObject({ code: "ENOENT" });
    await mkdir(directory, { recursive: true });
    writeFileSync(join(place, "next"), '{"a":2}');
    await rename(join(place, "next"), join(directory, "a.json"));
    expect(await changed).toBe(2);
    await config.close();
  });

  // skip: what the process watches is read from /proc, which only Linux has
  it.skipIf(process.platform !== "linux")(
    "leaves nothing open after close(), and keeps no process alive before",
    async () => {
      writeFileSync(join(place, "a.txt"), "a");
      const [watches, resources] = [openWatches(), process.getActiveResourcesInfo()];
      const config = new Config({
        sources: [fileSource(place), fileSource(join(place, "a.txt"))],
        decoder: () => ({}),
      });
      await config.load();
      await expect.poll(openWatches).toBeGreaterThan(watches);
      expect(countOf(process.getActiveResourcesInfo(), "FSEventWrap")).toBe(
        countOf(resources, "FSEventWrap"),
      );
      await config.close();
      expect(openWatches()).toBe(watches);
    },
  );
});

// Files are written synchronously: a reader in this process can then not come between truncating and writing.
const quick = { debounceMs: 10 };

interface Reader extends AsyncDisposable {
  next(): Promise<string[][]>;
}

function read(source: Source): Reader {
  const stop = new AbortController();
  const iterator = source.watch({ signal: stop.signal })[Symbol.asyncIterator]();
  return {
    async next() {
      const { done, value } = await iterator.next();
      return done === true ? [] : plain(value);
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      expect(await iterator.next()).toMatchObject({ done: true });
    },
  };
}

/** Resolves when another source, twice as slow, has told of a change made after all before. */
async function settled(directory: string): Promise<void> {
  const mark = join(directory, "mark.json");
  const source = fileSource(directory, { debounceMs: quick.debounceMs * 2 });
  for await (const set of source.watch({ signal: new AbortController().signal })) {
    if (set.some(({ key }) => key === "mark.json")) break;
    writeFileSync(mark, "");
  }
  await rm(mark);
}

async function shown(source: Source): Promise<string[][]> {
  return plain(await source.load());
}

function plain(documents: readonly KeyValue[]): string[][] {
  return documents.map(({ key, format, value }) => [key, format, new TextDecoder().decode(value)]);
}

/** How many paths this process watches, as the system says. */
function openWatches(): number {
  const lines = readdirSync("/proc/self/fdinfo").flatMap((descriptor) =>
    readLines(`/proc/self/fdinfo/${descriptor}`),
  );
  return lines.filter((line) => line.startsWith("inotify wd:")).length;
}

function readLines(path: string): readonly string[] {
  try {
    return readFileSync(path, "utf8").split("\n");
  } catch {
    return []; // the descriptor of the listing itself is gone
  }
}

function countOf(kinds: readonly string[], kind: string): number {
  return kinds.filter((other) => other === kind).length;
}
