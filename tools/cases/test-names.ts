/**
 * The names of the tests of a source, read from its text: `it("…")`, `it.each(…)("…")`,
 * `describe.skipIf(…)("…")` and the like, where a statement begins a line, whether it runs or not. A name that is
 * made of parts is read up to its first part.
 */
export function testNames(source: string): { line: number; name: string }[] {
  const names: { line: number; name: string }[] = [];
  for (const begun of source.matchAll(/^[ \t]*(?:it|test|describe)\b/gm)) {
    const start = begun.index + begun[0].length;
    const name = nameAfter(source, start);
    if (name !== undefined) names.push({ line: source.slice(0, start).split("\n").length, name });
  }
  return names;
}

/** Modifiers and their arguments, then the parenthesis whose first argument is the name. */
function nameAfter(source: string, start: number): string | undefined {
  let at = start;
  for (;;) {
    const [member] = /^\s*\.\s*\w+/.exec(source.slice(at)) ?? [];
    if (member !== undefined) {
      at += member.length;
      continue;
    }
    const next = source[at];
    if (next === "<" || next === "`") {
      at = next === "<" ? closing(source, at) : literalEnd(source, at);
    } else if (next === "(") {
      const named = /^\(\s*(["'`])/.exec(source.slice(at));
      if (named === null) at = closing(source, at);
      else return literal(source, at + named[0].length - 1);
    } else return undefined;
    if (at < 0) return undefined;
  }
}

const pairs: { [open: string]: string } = { "(": ")", "<": ">", "[": "]", "{": "}" };

/** The place after the bracket that closes the one at `at`; -1 where none does. */
function closing(source: string, at: number): number {
  const open = source[at] ?? "";
  let depth = 0;
  for (let i = at; i < source.length; i++) {
    const c = source[i] ?? "";
    if (c === '"' || c === "'" || c === "`") i = literalEnd(source, i) - 1;
    else if (source.startsWith("//", i)) i = lineEnd(source, i);
    else if (source.startsWith("/*", i)) i = Math.max(i, source.indexOf("*/", i) + 1);
    else if (c === "/" && /[(,[=:!&|?{}\n]\s*$/.test(source.slice(Math.max(0, i - 40), i)))
      i = patternEnd(source, i);
    else if (c === "=" && source[i + 1] === ">") i++;
    else if (c === open) depth++;
    else if (c === pairs[open] && --depth === 0) return i + 1;
  }
  return -1;
}

function lineEnd(source: string, at: number): number {
  const end = source.indexOf("\n", at);
  return end < 0 ? source.length : end;
}

/** The place of the slash that ends a regular expression. */
function patternEnd(source: string, at: number): number {
  let inClass = false;
  for (let i = at + 1; i < source.length; i++) {
    const c = source[i];
    if (c === "\n") return at;
    if (c === "\\") i++;
    else if (c === "[") inClass = true;
    else if (c === "]") inClass = false;
    else if (c === "/" && !inClass) return i;
  }
  return at;
}

/** The place after a string or template, with whatever is put into it. */
function literalEnd(source: string, at: number): number {
  const quote = source[at];
  for (let i = at + 1; i < source.length; i++) {
    if (source[i] === "\\") i++;
    else if (quote === "`" && source.startsWith("${", i)) i = closing(source, i + 1) - 1;
    else if (source[i] === quote) return i + 1;
  }
  return source.length;
}

/** What a string says, up to the first part that is put into it. */
function literal(source: string, at: number): string {
  const text = source.slice(at + 1, literalEnd(source, at) - 1);
  const [plain = ""] = source[at] === "`" ? text.split("${") : [text];
  return plain.replace(/\\(.)/gs, "$1");
}
