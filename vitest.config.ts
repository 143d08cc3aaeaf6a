import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: { conditions: ["@kratosjs/source"] },
  ssr: { resolve: { conditions: ["@kratosjs/source"] } },
  test: {
    include: ["packages/*/src/**/*.test.ts", "examples/*/src/**/*.test.ts", "scripts/**/*.test.ts"],
    reporters: ["default", "./scripts/summary-reporter.mjs"],
    testTimeout: 20_000,
  },
});
