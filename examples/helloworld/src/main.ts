/** The service on its own: `node dist/main.js [--conf PATH]`. */
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createLogger } from "@kratosjs/core/log";
import { loadConfig } from "./load-config.ts";
import { wireApp } from "./wire.ts";

const configs = fileURLToPath(new URL("../configs", import.meta.url));
const { values } = parseArgs({ options: { conf: { type: "string", default: configs } } });
const logger = createLogger();

try {
  await wireApp(await loadConfig(values.conf), logger).run();
} catch (error) {
  logger.error("helloworld ended", { error });
  process.exitCode = 1;
}
