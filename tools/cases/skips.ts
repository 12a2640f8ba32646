/**
 * Where a source keeps a test from running, or turns what it says around: a test of a case that does not run shows
 * nothing and fails nobody. Only the kit's own `engineHere` may: it is loud, and fails in CI.
 */
export function skipsIn(source: string): { line: number; text: string }[] {
  const ofTheKit = /^import \{[^}]*\bengineHere\b[^}]*\} from "(?:\.\.\/)+kit\/engine\.ts";$/m;
  const code = ofTheKit.test(source) ? source.replaceAll(".skipIf(!engineHere)", "") : source;
  return [...code.matchAll(SKIPS)].map(({ 0: text, index }) => ({
    line: code.slice(0, index).split("\n").length,
    text: text.trim(),
  }));
}

/** A member of `it`, `test` or `describe`, wherever it stands in the chain; the context's `skip`; the options. */
const SKIPS =
  /\.\s*(?:skip|todo|skipIf|runIf|fails|only)\b|\[\s*["'](?:skip|todo|skipIf|runIf|fails|only)["']\s*\]|\b(?:skip|todo|fails|only)\s*:|\b(?:xit|xtest|xdescribe)\b/g;
