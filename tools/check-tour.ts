/**
 * Checks that every file and folder that docs/tour.md names is there, and that it names enough of them to
 * be a tour. It prevents the tour from describing a tree that has moved on.
 *
 *   node tools/check-tour.ts
 */
import { readFileSync, statSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";

/** The least number of distinct files that one exec passes through, from the keystroke to the event. */
export const leastFiles = 15;

/** Top-level folders, listed and not read from disk: a path into a folder that is gone is to be found. */
const folders = new Set([
  ".ci",
  "adapters",
  "api",
  "bench",
  "bin",
  "cli",
  "console",
  "core",
  "docs",
  "emulator",
  "examples",
  "lambdas",
  "lib",
  "local",
  "policies",
  "recovery",
  "session",
  "test",
  "tools",
]);
const fileName = /\.(?:cast|cedar|cedarschema|js|json|md|mjs|sh|svg|ts|tsx|txt|yaml|yml)$/;
/** A word made of path characters: no scheme, no ARN, no option, no absolute or home path. */
const pathWord = /^[\w.@*{},-]+(?:\/[\w.@*{},-]+)*\/?$/;

export type Exists = (path: string) => "file" | "folder" | undefined;

/**
 * Every repository path that the text names, in order and without repeats, relative to the root.
 *
 * Looked at are the words of code spans and code blocks (from the root) and the targets of links and
 * images (from docs/, as a browser resolves them). Such a word is a path if it starts with a top-level
 * folder and a slash, or ends like a file; a line number or a fragment behind it is cut off.
 */
export function pathsIn(markdown: string): string[] {
  const paths = new Set<string>();
  const note = (word: string): void => {
    const path = posix.normalize(word.replace(/#.*$/, "").replace(/(?::\d+)+$/, ""));
    if (!pathWord.test(path) || path.startsWith("..")) return;
    const first = path.slice(0, Math.max(0, path.indexOf("/")));
    if (folders.has(first) || (fileName.test(path) && !first.startsWith("."))) paths.add(path);
  };
  const prose = markdown.replace(
    /^ {0,3}(`{3,}|~{3,})[^\n]*\n([\s\S]*?)^ {0,3}\1[`~]*[ \t]*$/gm,
    (_block, _fence, code: string) => {
      for (const word of code.split(/[\s"'()[\],;|│]+/)) note(word);
      return "";
    },
  );
  for (const [, , code = ""] of prose.matchAll(/(`+)(.+?)\1(?!`)/gs)) {
    for (const word of code.split(/[\s"'();|]+/)) note(word);
  }
  const text = prose.replace(/(`+)(.+?)\1(?!`)/gs, "");
  const targets = [
    ...text.matchAll(/\]\(\s*<?([^)\s>]+)/g),
    ...text.matchAll(/^ {0,3}\[[^\]]+\]:\s*<?([^\s>]+)/gm),
  ];
  for (const [, target = ""] of targets) {
    if (/^(?:[a-z][a-z0-9+.-]*:|#|\/)/i.test(target)) continue;
    note(posix.join("docs", target));
  }
  return [...paths];
}

/** What is wrong with the tour, one sentence each; empty if nothing is. */
export function checkTour(markdown: string, exists: Exists): string[] {
  const problems: string[] = [];
  let files = 0;
  for (const path of pathsIn(markdown)) {
    if (/[*{}]/.test(path)) {
      problems.push(`${path} is a pattern, which cannot be checked: name each file`);
      continue;
    }
    const kind = exists(path);
    if (kind === undefined) problems.push(`${path} is named and is not there`);
    else if (kind === "file") files++;
  }
  if (files < leastFiles) {
    problems.push(`it names ${files} files that exist; a tour names at least ${leastFiles}`);
  }
  return problems;
}

function main(): number {
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  let tour: string;
  try {
    tour = readFileSync(join(root, "docs/tour.md"), "utf8");
  } catch (error) {
    console.error(`docs/tour.md: error: cannot be read: ${(error as Error).message}`);
    return 1;
  }
  const problems = checkTour(tour, (path) => {
    const stats = statSync(join(root, path), { throwIfNoEntry: false });
    return stats === undefined ? undefined : stats.isDirectory() ? "folder" : "file";
  });
  for (const problem of problems) console.error(`docs/tour.md: error: ${problem}`);
  return problems.length > 0 ? 1 : 0;
}

if (import.meta.main) process.exitCode = main();
