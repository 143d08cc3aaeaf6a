// npm run gen: writes the code generated from the .proto files, and says how much of it changed.
import { generate } from "./lib/generated-code.mjs";
import { ensureInstalled } from "./lib/install.mjs";
import { runMain } from "./lib/main.mjs";
import { step } from "./lib/step.mjs";

await runMain(async () => {
  await ensureInstalled();
  const count = await step("Generating code (buf)", generate);
  console.log(
    count === 0 ? "Nothing changed." : `${count} ${count === 1 ? "file" : "files"} changed.`,
  );
});
