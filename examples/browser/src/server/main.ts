import { fileURLToPath } from "node:url";
import { App } from "@kratosjs/core";
import { createServer } from "./create-server.ts";

const pageFolder = fileURLToPath(new URL("../site/", import.meta.url));
const [address = ":8000"] = process.argv.slice(2);
await new App({ name: "gallery", servers: [createServer({ address, pageFolder })] }).run();
