// npm run dev: compiles on every change and restarts the example's server when that succeeds.
import { spawn } from "node:child_process";
import path from "node:path";
import { createInterface } from "node:readline";
import { builtProjects, compiler, forgetRemovedOutput } from "./lib/build.mjs";
import { serverEntry } from "./lib/example.mjs";
import { forwardSignals } from "./lib/foreground.mjs";
import { ensureGenerated } from "./lib/generated-code.mjs";
import { ensureInstalled } from "./lib/install.mjs";
import { runMain } from "./lib/main.mjs";
import { createRestarter } from "./lib/restarter.mjs";
import { root } from "./lib/root.mjs";
import { endGroup } from "./lib/end-group.mjs";

await runMain(async () => {
  await ensureInstalled();
  await ensureGenerated();
  forgetRemovedOutput();
  const server = createRestarter(path.join(root, serverEntry), process.argv.slice(2));
  const watcher = watchBuild((errors) => {
    if (errors > 0)
      return console.log("dev: not restarted; the last version that compiled keeps running");
    server.restart();
  });
  const watcherEnded = new Promise((resolve) => watcher.once("exit", resolve));
  const stopped = new Promise((resolve) => forwardSignals(resolve));
  await Promise.race([stopped, watcherEnded]);
  await Promise.all([server.stop(), endGroup(watcher)]);
});

/**
 * Starts the compiler in watch mode.
 * @param {(errors: number) => void} onBuilt Called after each build with the number of errors.
 */
function watchBuild(onBuilt) {
  const args = [
    path.join(root, "node_modules", compiler),
    "-b",
    "--watch",
    "--preserveWatchOutput",
    ...builtProjects(),
  ];
  // The compiler's command starts the real compiler as a child, so both are ended as a group.
  const watcher = spawn(process.execPath, args, {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
    detached: process.platform !== "win32",
  });
  createInterface({ input: watcher.stdout }).on("line", (line) => {
    if (line.trim() === "") return;
    console.log(`tsc: ${line}`);
    const built = /Found (\d+) errors?\b/.exec(line);
    if (built) onBuilt(Number(built[1]));
  });
  return watcher;
}
