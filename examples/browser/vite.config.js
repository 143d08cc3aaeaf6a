// Builds the page into dist/site; `vite` alone serves it and passes calls on to the server.
import { defineConfig } from "vite";

const service = "http://localhost:8000";

// oxlint-disable-next-line import/no-default-export -- what Vite reads
export default defineConfig({
  root: import.meta.dirname,
  resolve: { conditions: ["@kratosjs/source", "module", "browser", "development|production"] },
  build: { outDir: "dist/site", emptyOutDir: true },
  server: { proxy: { "/v1": service, "/gallery.v1.Gallery": service } },
});
