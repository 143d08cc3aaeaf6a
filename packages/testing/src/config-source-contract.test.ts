import { writeFileSync } from "node:fs";
import { mkdtemp, readdir, rename, rm, symlink, writeFile, mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileSource } from "@kratosjs/core/config/file";
import { type MemoryDocument, memorySource } from "@kratosjs/core/config/memory";
import {
  type ConfigSourceHarness,
  configSourceContract,
  type ContractDocument,
} from "./config-source-contract.ts";

configSourceContract("memorySource", {
  async open(documents) {
    const source = memorySource(inOrder(documents));
    return {
      source,
      async replace(next) {
        source.set(inOrder(next));
      },
      async close() {},
    };
  },
});

configSourceContract("fileSource over a directory", directoryHarness(rewrite));

configSourceContract(
  "fileSource over a directory whose links are swapped",
  directoryHarness(swapLinks),
);

configSourceContract("fileSource over a file", {
  ...directoryHarness(async (directory, documents) => {
    const [document] = documents;
    if (document === undefined) return;
    await writeFile(join(directory, "next"), document.text);
    await rename(join(directory, "next"), join(directory, "a.json"));
  }, "a.json"),
  skip: {
    "load() answers all documents in the order of their keys": "a file is one document",
    "watch() yields a document that was added beside the others": "a file is one document",
    "watch() yields a set without the document that was removed": "a file is one document",
  },
});

type Write = (directory: string, documents: readonly ContractDocument[]) => Promise<void>;

function directoryHarness(write: Write, file = ""): ConfigSourceHarness {
  return {
    async open(documents) {
      const directory = await mkdtemp(join(tmpdir(), "config-source-"));
      await write(directory, documents);
      return {
        source: fileSource(join(directory, file), { debounceMs: 10 }),
        replace: (next) => write(directory, next),
        close: () => rm(directory, { recursive: true, force: true }),
      };
    },
  };
}

async function rewrite(directory: string, documents: readonly ContractDocument[]): Promise<void> {
  const kept = new Set(documents.map(({ key }) => key));
  for (const name of await readdir(directory)) if (!kept.has(name)) await rm(join(directory, name));
  // Synchronously: the source, in this process, can then not come between truncating and writing.
  for (const { key, text } of documents) writeFileSync(join(directory, key), text);
}

let revision = 0;

/** What the kubelet does: a new directory, then the link to it is replaced by a rename. */
async function swapLinks(directory: string, documents: readonly ContractDocument[]): Promise<void> {
  revision++;
  const kept = new Set(documents.map(({ key }) => key));
  await mkdir(join(directory, `..${revision}`));
  for (const { key, text } of documents)
    await writeFile(join(directory, `..${revision}`, key), text);
  await symlink(`..${revision}`, join(directory, "..data_tmp"));
  await rename(join(directory, "..data_tmp"), join(directory, "..data"));
  const names = await readdir(directory);
  for (const key of kept)
    if (!names.includes(key)) await symlink(join("..data", key), join(directory, key));
  for (const name of names)
    if (!name.startsWith(".") && !kept.has(name)) await rm(join(directory, name));
}

function inOrder(documents: readonly ContractDocument[]): readonly MemoryDocument[] {
  return documents
    .map(({ key, text }) => ({ key, value: text }))
    .toSorted((one, other) => (one.key < other.key ? -1 : 1));
}
