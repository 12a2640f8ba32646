import { knownKey } from "./context.ts";

/** One piece of a pattern. A `variable` is replaced by its value, literally, before matching. */
export type PatternPart =
  | { kind: "literal"; text: string }
  | { kind: "many" }
  | { kind: "one" }
  | { kind: "variable"; key: string };

/** What a policy variable stands for; undefined where the request does not carry the key. */
export type VariableOf = (key: string) => string | undefined;

/**
 * An ARN with wildcards. `components` are its six parts, each matched on its own; undefined for `*` and for
 * a single policy variable, which stand for ARNs whole.
 */
export interface ArnPattern {
  whole: PatternPart[];
  components: PatternPart[][] | undefined;
}

/** A pattern that cannot be understood; `message` says which and why. */
export class PatternError extends Error {}

/**
 * Reads an IAM pattern: `*`, `?`, and policy variables `${aws:PrincipalTag/team}`, of which `${*}`,
 * `${?}` and `${$}` are the characters themselves. With `wildcards: false` (StringEquals) `*` and `?`
 * are letters. Throws PatternError for a variable that is not closed, of another form (a default value,
 * which is not emulated), or of a key that this evaluator does not know or that has several values.
 */
export function parsePattern(text: string, options: { wildcards: boolean }): PatternPart[] {
  const parts: PatternPart[] = [];
  let literal = "";
  const flush = (): void => {
    if (literal !== "") parts.push({ kind: "literal", text: literal });
    literal = "";
  };
  for (let i = 0; i < text.length; i++) {
    const char = text.charAt(i);
    if (char === "$" && text.charAt(i + 1) === "{") {
      const end = text.indexOf("}", i);
      if (end < 0) throw new PatternError(`policy variable not closed in ${text}`);
      const key = text.slice(i + 2, end);
      i = end;
      if (key === "*" || key === "?" || key === "$") {
        literal += key;
      } else if (/^[a-z0-9-]+:[\w+=.@:/-]+$/i.test(key)) {
        if (knownKey(key.toLowerCase())?.multivalued !== false) {
          throw new PatternError(`a policy variable cannot be \${${key}}`);
        }
        flush();
        parts.push({ kind: "variable", key: key.toLowerCase() });
      } else {
        throw new PatternError(`unsupported policy variable \${${key}}`);
      }
    } else if (options.wildcards && (char === "*" || char === "?")) {
      flush();
      parts.push(char === "*" ? { kind: "many" } : { kind: "one" });
    } else {
      literal += char;
    }
  }
  flush();
  return parts;
}

/** The variables a pattern needs, in lower case. */
export function variablesIn(pattern: PatternPart[]): string[] {
  return pattern.flatMap((part) => (part.kind === "variable" ? [part.key] : []));
}

/**
 * Whether the whole text matches, case-sensitively. A variable without a value matches nothing: a
 * forgotten tag must not grant. Whether the empty text is a value is `variableOf`'s to say.
 */
export function matchesPattern(
  pattern: PatternPart[],
  text: string,
  variableOf: VariableOf,
): boolean {
  const glyphs: (string | null | undefined)[] = []; // null: any run of characters; undefined: any one
  for (const part of pattern) {
    if (part.kind === "many") glyphs.push(null);
    else if (part.kind === "one") glyphs.push(undefined);
    else {
      const value = part.kind === "literal" ? part.text : variableOf(part.key);
      if (value === undefined) return false;
      glyphs.push(...Array.from(value));
    }
  }
  return matchesGlyphs(glyphs, Array.from(text));
}

/** Greedy with one step back to the last `*`: quadratic at worst, never exponential. */
function matchesGlyphs(glyphs: (string | null | undefined)[], text: string[]): boolean {
  let g = 0;
  let t = 0;
  let lastStar = -1;
  let starAt = 0;
  while (t < text.length) {
    const glyph = glyphs[g];
    if (g < glyphs.length && glyph === null) {
      lastStar = g++;
      starAt = t;
    } else if (g < glyphs.length && (glyph === undefined || glyph === text[t])) {
      g++;
      t++;
    } else if (lastStar >= 0) {
      g = lastStar + 1;
      t = ++starAt;
    } else {
      return false;
    }
  }
  while (g < glyphs.length && glyphs[g] === null) g++;
  return g === glyphs.length;
}

/** Reads the pattern of an ARN. Throws PatternError for what is neither an ARN, `*` nor one variable. */
export function parseArnPattern(text: string): ArnPattern {
  const whole = parsePattern(text, { wildcards: true });
  if (text === "*" || (whole.length === 1 && whole[0]?.kind === "variable")) {
    return { whole, components: undefined };
  }
  const components = arnComponents(text);
  if (components === undefined) throw new PatternError(`not an ARN: ${text}`);
  return { whole, components: components.map((part) => parsePattern(part, { wildcards: true })) };
}

/** Component by component: a wildcard in one part of an ARN never reaches into the next. */
export function matchesArn(pattern: ArnPattern, text: string, variableOf: VariableOf): boolean {
  const parts = arnComponents(text);
  if (pattern.components === undefined) return matchesPattern(pattern.whole, text, variableOf);
  if (parts === undefined) return false;
  return pattern.components.every((component, i) =>
    matchesPattern(component, parts[i] ?? "", variableOf),
  );
}

/** Splits an ARN, or the pattern of one, into its six components; undefined for any other text. */
export function arnComponents(arn: string): string[] | undefined {
  // A colon inside `${aws:…}` belongs to the variable, not to the ARN.
  const parts: string[] = [""];
  let inVariable = false;
  for (let i = 0; i < arn.length; i++) {
    const char = arn.charAt(i);
    if (char === "$" && arn.charAt(i + 1) === "{") inVariable = true;
    if (char === "}") inVariable = false;
    if (char === ":" && !inVariable && parts.length < 6) parts.push("");
    else parts[parts.length - 1] += char;
  }
  return parts.length === 6 && parts[0] === "arn" ? parts : undefined;
}
