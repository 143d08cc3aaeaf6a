// `npm run fuzz -- h2 --seconds N --seed S`: builds what is missing, then runs fuzz/. See there.
import path from "node:path";
import { build } from "./lib/build.mjs";
import { runInForeground } from "./lib/foreground.mjs";
import { ensureGenerated } from "./lib/generated-code.mjs";
import { ensureInstalled } from "./lib/install.mjs";
import { runMain } from "./lib/main.mjs";
import { root } from "./lib/root.mjs";

await runMain(async () => {
  await ensureInstalled();
  await ensureGenerated();
  await build();
  return runInForeground(process.execPath, [
    path.join(root, "fuzz/dist/main.js"),
    ...process.argv.slice(2),
  ]);
});
