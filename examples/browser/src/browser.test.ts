/** The page in a real browser, against its real server. */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { HttpServer } from "@kratosjs/core/http";
import { type Browser, chromium, type Page } from "playwright-core";
import { build } from "vite";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { createServer } from "./server/create-server.ts";

const executablePath =
  ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync) ??
  "";
const args = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const patience = 60_000;

// skip: there is no Chromium on this machine
describe.skipIf(executablePath === "")("the gallery's page in Chromium", () => {
  let browser: Browser;
  let server: HttpServer;
  let origin = "";
  let page: Page;
  const complaints: string[] = [];
  const pageFolder = mkdtempSync(join(tmpdir(), "kratos-page-"));

  beforeAll(async () => {
    const configFile = fileURLToPath(new URL("../vite.config.js", import.meta.url));
    await build({ configFile, logLevel: "silent", build: { outDir: pageFolder } });
    server = createServer({ address: "127.0.0.1:0", pageFolder });
    await server.start();
    ({ origin } = await server.endpoint());
    browser = await chromium.launch({ executablePath, args, headless: true });
  }, patience);

  afterEach(async () => {
    await page.close();
    expect(complaints.splice(0)).toEqual([]);
  });

  afterAll(async () => {
    await browser?.close();
    await server?.stop(AbortSignal.abort());
    rmSync(pageFolder, { recursive: true });
  }, patience);

  async function open(protocol: string): Promise<void> {
    page = await browser.newPage();
    page.on("pageerror", (error) => complaints.push(error.message));
    await page.goto(origin);
    await page.locator("#protocol").selectOption(protocol);
  }

  test.each(["rest", "connect", "grpc-web"])(
    "the page calls, fails, streams and uploads over %s",
    async (protocol) => {
      await open(protocol);
      const locator = page.locator.bind(page);
      await expect.poll(() => locator("#pictures li").count()).toBeGreaterThanOrEqual(3);

      await page.getByRole("button", { name: "Get" }).click();
      await expect.poll(() => locator("#answer").textContent()).toMatch(/^dawn\.svg: image\/svg/);

      await locator("#name").fill("nobody.png");
      await page.getByRole("button", { name: "Get" }).click();
      const failed = '404 · PICTURE_NOT_FOUND · no picture is called "nobody.png"';
      await expect.poll(() => locator("#answer").textContent()).toBe(failed);

      const name = `a ${protocol}.png`;
      await locator("#file").setInputFiles({ name, mimeType: "image/png", buffer: pixel });
      const sent = `${name}: image/png, ${pixel.length} bytes`;
      await expect.poll(() => locator("#uploaded").textContent()).toBe(sent);
      await expect.poll(() => locator("#pictures li").first().textContent()).toBe(name);
      const image = locator("#pictures img").first();
      await expect.poll(() => image.evaluate((each) => Reflect.get(each, "naturalWidth"))).toBe(1);
      expect(await locator("#state").textContent()).toBe("live");
    },
    patience,
  );
});

const pixel = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=",
  "base64",
);
