/**
 * What `npm start` shows: the service in this process, registered under its name; a caller in a second
 * process that finds it. Then it goes on serving, or ends with `--once`.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createLogger, type Level } from "@kratosjs/core/log";
import { hints } from "./demo/hints.ts";
import { loadConfig } from "./load-config.ts";
import { wireApp } from "./wire.ts";

const usage = `npm start [-- OPTIONS]
  --once            end after the calls
  --http HOST:PORT  where REST listens (default :8000)
  --grpc HOST:PORT  where gRPC listens (default :9000)`;

function readOptions() {
  return parseArgs({
    options: {
      once: { type: "boolean", default: false },
      http: { type: "string" },
      grpc: { type: "string" },
      help: { type: "boolean", default: false },
    },
  }).values;
}

/** Runs the caller; its exit code says whether all calls went as they should. */
async function runCaller(): Promise<void> {
  const caller = spawn(
    process.execPath,
    [fileURLToPath(new URL("./demo/caller.js", import.meta.url))],
    { stdio: "inherit" },
  );
  const [code] = (await once(caller, "exit")) as [number | null];
  if (code !== 0) throw new Error(`the caller ended with exit code ${code}`);
}

async function main(): Promise<void> {
  const options = readOptions();
  if (options.help) {
    console.log(usage);
    return;
  }
  if (options.http !== undefined) process.env["HELLOWORLD_HTTP_ADDR"] = options.http;
  if (options.grpc !== undefined) process.env["HELLOWORLD_GRPC_ADDR"] = options.grpc;
  const conf = await loadConfig(fileURLToPath(new URL("../configs", import.meta.url)));
  // The records of the demonstration's own calls would stand between its lines.
  let level: Level = "fatal";
  const app = wireApp(conf, createLogger({ level: () => level }), {
    afterStart: [
      async () => {
        console.log(
          `helloworld is serving, registered in the local registry:\n  ${app.endpoints.join("\n  ")}`,
        );
        await runCaller();
        console.log(`\n${hints(app.endpoints)}`);
        if (options.once) {
          void app.stop();
        } else {
          console.log("\nServing until Ctrl-C.");
          level = "info";
        }
      },
    ],
  });
  await app.run();
}

try {
  await main();
} catch (error) {
  console.error(`helloworld: ${error instanceof Error ? error.message : String(error)}`);
  console.error(usage);
  process.exitCode = 1;
}
