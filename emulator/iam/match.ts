/** One piece of a pattern. A `variable` is replaced by its value, literally, before matching. */
export type PatternPart =
  | { kind: "literal"; text: string }
  | { kind: "many" }
  | { kind: "one" }
  | { kind: "variable"; key: string };

/** What a policy variable stands for; undefined where the request does not carry the key. */
export type VariableOf = (key: string) => string | undefined;

/** A pattern that cannot be understood; `message` says which and why. */
export class PatternError extends Error {}

/**
 * Reads an IAM pattern: `*`, `?`, and policy variables `${aws:PrincipalTag/team}`, of which `${*}`,
 * `${?}` and `${$}` are the characters themselves. With `wildcards: false` (StringEquals) `*` and `?`
 * are letters. Throws PatternError for a variable that is not closed, or of another form.
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
 * forgotten tag must not grant.
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
      if (value === undefined || value === "") return false;
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

/** Splits an ARN pattern into its six components; undefined where there are fewer. */
export function arnComponents(arn: string): string[] | undefined {
  // A colon inside `${aws:…}` belongs to the variable, not to the ARN.
  const parts: string[] = [""];
  let depth = 0;
  for (let i = 0; i < arn.length; i++) {
    const char = arn.charAt(i);
    if (char === "$" && arn.charAt(i + 1) === "{") depth++;
    if (char === "}" && depth > 0) depth--;
    if (char === ":" && depth === 0 && parts.length < 6) parts.push("");
    else parts[parts.length - 1] += char;
  }
  return parts.length === 6 ? parts : undefined;
}
