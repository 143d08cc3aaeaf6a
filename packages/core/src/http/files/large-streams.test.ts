import { once } from "node:events";
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { type IncomingMessage, request as sendRequest } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { staticFolder } from "../index.ts";
import { httpBody, serveMedia, stopMedia } from "./testdata/media-service.ts";

const megabyte = 1024 * 1024;
const size = 200 * megabyte;
const mostGrowth = 64 * megabyte;
let folder = "";

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "large-streams-"));
  writeFileSync(path.join(folder, "large.bin"), "");
  truncateSync(path.join(folder, "large.bin"), size);
});

afterEach(stopMedia);

afterAll(() => rmSync(folder, { recursive: true }));

/** Watches how far the memory of the process grows above what it is now. */
class MemoryWatch {
  readonly #start: number = process.memoryUsage.rss();
  #most = 0;

  look(): void {
