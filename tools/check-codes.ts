/**
 * Checks that docs/errors.md documents exactly the error codes there are: one heading
 * "### `code`" with a text below it for each, and none for a code that does not exist.
 *
 *   node tools/check-codes.ts
 */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { errorCodes } from "../core/errors.ts";

/** What is wrong with the page, one sentence each; empty if nothing is. */
export function checkCodes(markdown: string, codes: readonly string[]): string[] {
  const problems: string[] = [];
  /** How many lines of text stand below each code's heading, all its headings together. */
  const texts = new Map<string, number>();
  let current: string | undefined;
  let fenced = false;
  for (const line of markdown.split(/\r?\n/)) {
    if (/^ {0,3}(?:```|~~~)/.test(line)) fenced = !fenced;
    if (!fenced && /^#{1,6}\s/.test(line)) {
      current = /^###\s+`([^`]+)`\s*$/.exec(line)?.[1];
      if (current === undefined) continue;
      if (texts.has(current)) problems.push(`\`${current}\` has two headings`);
      else if (!codes.includes(current)) problems.push(`\`${current}\` is not an error code`);
      texts.set(current, texts.get(current) ?? 0);
    } else if (current !== undefined && line.trim() !== "") {
      texts.set(current, (texts.get(current) ?? 0) + 1);
    }
  }
  for (const code of codes) {
    const lines = texts.get(code);
    if (lines === undefined) problems.push(`\`${code}\` has no heading`);
    else if (lines === 0) problems.push(`\`${code}\` has a heading and no text`);
  }
  return problems;
}

function main(): number {
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  let page: string;
  try {
    page = readFileSync(join(root, "docs/errors.md"), "utf8");
  } catch (error) {
    console.error(`docs/errors.md: error: cannot be read: ${(error as Error).message}`);
    return 1;
  }
  const problems = checkCodes(page, errorCodes);
  for (const problem of problems) console.error(`docs/errors.md: error: ${problem}`);
  return problems.length > 0 ? 1 : 0;
}

if (import.meta.main) process.exitCode = main();
