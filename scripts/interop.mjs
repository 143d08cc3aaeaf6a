// `npm run interop -- NAME`: builds what is missing, then runs interop/. See there.
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
    path.join(root, "interop/dist/main.js"),
    ...process.argv.slice(2),
  ]);
});
