/** Words that stand for no secret, or for one that was taken out. */
const NO_SECRET =
  /^(?:true|false|yes|no|on|off|null|none|nil|undefined|empty|required|optional|missing|invalid|expired|wrong|auth(?:entication|orization)|credentials|prompt|stdin|redacted|removed|hidden|masked|x+|\d{1,2}|[.…]+)$/i;

/** What a shell does to a variable without writing down what to take in its place. */
const CHANGED = String.raw`(?:[#%^,@/][^}]*|:?[-=+])?`;
const BRACED = String.raw`\$\{!?\w+${CHANGED}\}`;
/** Upper case as in the environment, or a name that says what it holds; `$ecret` is a password. */
const NAMED = String.raw`\$(?:[A-Z_][A-Z0-9_]*(?![a-z0-9_])|\d|(?:[a-z0-9]+_)?(?:pass|password|passwd|pw|pwd|token|secret|key)(?![a-z0-9_]))`;
const REFERENCE = new RegExp(`^(?:${BRACED}|${NAMED})+$`);
const REFERENCE_OF_A_SHELL = new RegExp(String.raw`^(?:${BRACED}|\$\w+)+$`);

/** A shell's substitution or operator, a placeholder, a pattern's repetition, or a place to read from. */
const READ_ELSEWHERE =
  /^(?:\$(?:\(|$|\{\w+:?\?)|[{<>()|&;=\x60]|[*?]+(?![A-Za-z0-9])|%(?![0-9A-Fa-f]{2})|(?:file|env|fd|arn|ssm|vault):|[a-z]{1,20}:\/\/|~?\/|@\/|\.\.?\/)/;
/** A pattern that looks for values: `.*`, `[^&]*`. Its quotes and `&` may have cut it short. */
const PATTERN = /^(?:\.(?:[*+?{]|$)|\[(?:$|\^|[^\]]*\]))/;
/** A call, or a member, in a program's text or SQL. What makes a hash is given the password in clear. */
const EXPRESSION =
  /^(?!(?:crypt|md5|sha\d*|password)\($)[a-z_][\w.]*\((?:$|[\s\S]*\)$)|^(?:os\.|process\.env|sys\.|settings\.|self\.|ENV\[)|^[a-z_]\w*\.(?:pass|password|passwd|token|secret)$/i;

/**
 * Whether a value where a secret is expected is one in clear, and not a reference, a placeholder, a path, a
 * pattern or a call. `byShell`: a shell runs the text, so `$name` of any case is a variable. To the
 * container's agent itself `$` means nothing.
 */
export function isInClear(value: string, byShell: boolean): boolean {
  // As in `s/password=.*/password=REDACTED/g`, and where a quote in double quotes hides a `$`.
  const bare = value.replace(/[/#][a-z]*$/, "").replace(/^\\+(?=\$)/, "");
  if (bare === "" || NO_SECRET.test(bare)) return false;
  if ((byShell ? REFERENCE_OF_A_SHELL : REFERENCE).test(bare)) return false;
  return (
    !READ_ELSEWHERE.test(bare) &&
    !READ_ELSEWHERE.test(value) &&
    !PATTERN.test(value) &&
    !EXPRESSION.test(value)
  );
}

/**
 * Whether a text looks like chance and not like names: letters and digits mixed without anything between
 * them. `tokens-expired-2026-01` and `payments_api_readonly_v2` do not.
 */
export function looksLikeChance(text: string, minRun: number): boolean {
  return text
    .split(/[^A-Za-z0-9]+/)
    .some((run) => run.length >= minRun && /[A-Za-z]/.test(run) && /[0-9]/.test(run));
}
