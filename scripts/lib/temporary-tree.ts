import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { onTestFinished } from "vitest";
import type { Finding } from "./finding.mjs";
import { formatFinding } from "./finding.mjs";

/**
 * Writes a small made-up project for the running test, and removes it afterwards.
 * @returns Its folder.
 */
export function temporaryTree(files: Readonly<Record<string, string>>): string {
  const base = mkdtempSync(path.join(tmpdir(), "kratos tree-"));
  onTestFinished(() => rmSync(base, { recursive: true, force: true }));
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(base, file)), { recursive: true });
    writeFileSync(path.join(base, file), content);
  }
  return base;
}

/** Answers findings as they are printed. */
export function printed(findings: readonly Finding[]): string[] {
  return findings.map(formatFinding);
}
