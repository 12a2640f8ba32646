import type { Defect } from "../core/policy-engine.ts";

/**
 * How much of a text the engine is given. It works by recursion on a stack of fixed size: 150 nested
 * parentheses, or 400 operands in a row, trap it for good (4.13.0). These limits stay below half of that
 * in any combination, and leave a rule more room than a reader has patience.
 */
export const LIMITS = {
  policies: { characters: 512 * 1024, rules: 1000, nesting: 16, operators: 200 },
  schema: { characters: 8 * 1024, nesting: 16 },
} as const;

/** Cedar's own tokens, as far as they matter here; strings and comments are passed over whole. */
const TOKEN = /"[^"\\]*(?:\\[^][^"\\]*)*"?|\/\/[^\n\r]*|&&|\|\||[()[\]{};<>.+*!-]|\bif\b/g;

/** Characters that do not show, or reorder those that do: rules are approved by reading them. */
const UNSEEN = /(?![\t\n\r])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

/** What keeps these texts from being shown to the engine at all. Linear in their length. */
export function textDefects(texts: { policies: string; schema: string }): Defect[] {
  return [...policyDefects(texts.policies), ...schemaDefects(texts.schema)];
}

function policyDefects(text: string): Defect[] {
  const { characters, rules, nesting, operators } = LIMITS.policies;
  const defect = (detail: string): Defect[] => [{ where: "policies", detail }];
  const sound = soundness(text, characters);
  if (sound !== undefined) return defect(sound);
  let count = 0;
  let depth = 0;
  let weight = 0;
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    if (token.startsWith('"') || token.startsWith("//") || token === "<" || token === ">") continue;
    const line = () => text.slice(0, index).split("\n").length;
    if (token === ";") {
      count += 1;
      weight = 0;
      if (count > rules) return defect(`there are more than ${rules} rules`);
      continue;
    }
    if (")]}".includes(token)) {
      depth = Math.max(0, depth - 1);
      continue;
    }
    weight += 1;
    if ("([{".includes(token)) depth += 1;
    if (depth > nesting) return defect(`line ${line()}: nested deeper than ${nesting}`);
    if (weight > operators) {
      return defect(
        `line ${line()}: more than ${operators} operators in one rule; use a set, or several rules`,
      );
    }
  }
  return [];
}

function schemaDefects(text: string): Defect[] {
  const { characters, nesting } = LIMITS.schema;
  const defect = (detail: string): Defect[] => [{ where: "schema", detail }];
  const sound = soundness(text, characters);
  if (sound !== undefined) return defect(sound);
  let depth = 0;
  for (const [token] of text.matchAll(TOKEN)) {
    if ("([{<".includes(token)) depth += 1;
    if (")]}>".includes(token)) depth -= 1;
    if (depth > nesting) return defect(`nested deeper than ${nesting}`);
  }
  return [];
}

function soundness(text: string, characters: number): string | undefined {
  if (text.length > characters) return `longer than ${characters} characters`;
  const at = text.search(UNSEEN);
  if (at < 0 && text.isWellFormed()) return undefined;
  const line = text.slice(0, Math.max(0, at)).split("\n").length;
  const code = text.codePointAt(at)?.toString(16).toUpperCase().padStart(4, "0");
  return at < 0
    ? "holds half a surrogate pair, which is no character"
    : `line ${line}: U+${code} is not seen by who reads the rules; a string can say \\u{${code}}`;
}
