// npm run build: compiles every package and example into its dist/.
import { build } from "./lib/build.mjs";
import { ensureGenerated } from "./lib/generated-code.mjs";
import { ensureInstalled } from "./lib/install.mjs";
import { runMain } from "./lib/main.mjs";

await runMain(async () => {
  await ensureInstalled();
  await ensureGenerated();
  await build();
});
