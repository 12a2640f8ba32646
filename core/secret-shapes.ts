import { isInClear, looksLikeChance } from "./secret-value.ts";

/** What a text seems to carry. */
export type Secret =
  | "an AWS access key"
  | "an AWS secret"
  | "a private key"
  | "a bearer token"
  | "a password"
  | "a password in a URL";

/*
 * No form here may take more than linear work: whoever asks chooses the text. So no two repetitions that
 * follow each other match the same character, and no form can begin inside what its repetition runs over.
 */

/** A quote, as often escaped as texts within texts make it. */
const QUOTE = String.raw`\\{0,4}["'“”‘’]`;
/** A backslash that hides a character, unless it makes a pattern (`\S+`), a variable or a line's end. */
const HIDDEN = String.raw`(?:\\(?![wWsSdDbBnrt(){}.+*?|[$"'\\]))?`;
const CALL = String.raw`[A-Za-z_][\w.]{0,40}\([^()"']{0,80}\)`;
/**
 * Up to where a text or a shell may end it; a call whole. It is looked at without being passed over, for
 * `s/password=.+/password=hunter2/` holds two; so its length has a bound.
 */
const VALUE = String.raw`(?:${QUOTE})?${HIDDEN}(?=(${CALL}|(?:\$\{[^}\s]{0,99}\}|[^\s"'“”‘’&,;)|<>\x60\\}]){1,200}))`;

/** Keys of long-lived (AKIA) and of temporary (ASIA) credentials. */
const ACCESS_KEY = /(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])/;
const AWS_NAME = String.raw`(?:secret_?access_?key|session_?token)(?:${QUOTE})?`;
const AWS_SECRET_ASSIGNED = new RegExp(
  String.raw`${AWS_NAME}(?:\s*=\s*(?:${QUOTE})?|\s*:\s*${QUOTE})([A-Za-z0-9/+=]{16,})`,
  "gi",
);
/** After a blank or a colon alone only what looks like one: `grep -r session_token ApplicationController`. */
const AWS_SECRET_FOLLOWS = new RegExp(
  String.raw`${AWS_NAME}(?:\s*:\s*|\s+)(?:${QUOTE})?([A-Za-z0-9/+=]{40,})`,
  "gi",
);
/** The key itself may be cut into lines, written with `\n`, or encrypted with its headers before it. */
const PRIVATE_KEY =
  /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----[\s\S]{0,200}?(?=[a-z0-9+/]{0,15}[A-Z])[A-Za-z0-9+/]{16}/;

const AUTHORIZATION = new RegExp(
  String.raw`authorization(?:${QUOTE})?\s*[:=]\s*(?:${QUOTE})?(?:(bearer|basic|token|apikey)\s+)?(?=\S{8})${VALUE}`,
  "gi",
);
const BEARER = /\bbearer\s+([\w.~+/=-]{16,})/gi;
const JWT = /(?<![\w-])eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}/;
/** Tokens that say by their beginning what they are: GitHub, GitLab, Slack, Stripe, npm, Vault and others. */
const PREFIXED =
  /(?<![A-Za-z0-9])(?:gh[oprsu]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[abeoprs]-[\w-]{10,}|xapp-\d-[\w-]{10,}|[rs]k_(?:live|test)_\w{10,}|npm_[A-Za-z0-9]{36}|hvs\.[\w-]{20,}|AIza[\w-]{35}|dop_v1_\w{20,}|shpat_\w{20,}|sk-[A-Za-z0-9]{32,})/;
/** Begins like any name of two words, so what follows has to look like chance. */
const OPENAI = /(?<![A-Za-z0-9])sk-([\w-]{16,})/g;

const URL_USER = String.raw`(?<![a-z0-9+.-])[a-z][a-z0-9+.-]{0,30}://`;
const URL_PASSWORD = new RegExp(String.raw`${URL_USER}[^\s/?#@:"']*:([^\s/?#@"']+)@`, "gi");
/** A user of such length is a token that needs no password, if it looks like chance. */
const URL_TOKEN = new RegExp(String.raw`${URL_USER}([^\s/?#@:"'$<>{}]{20,})@`, "gi");

const NAME = String.raw`(?:pass(?:word|wd|phrase)|mysql_pwd|sshpass|rediscli_auth|secret[_-]?key(?:_base)?|(?:client|api|app)[_-]?secret|api[_-]?key|(?:access|auth|api|private)[_-]?token)`;
/** Names in short are words of their own; tokens of pages and of requests are no secrets. */
const SHORT_NAME = String.raw`(?<![A-Za-z0-9]|(?:next|page|pagination|starting|continu(?:e|ation)|resume|client|request)[_-])(?:pass|pwd|token|secret)`;
/** `password=…`, `password = …` and `"password": "…"`. With one blank it is a search: `grep password= app.log`. */
const IS = String.raw`(?:${QUOTE})?(?:=>?|[ \t]+=>?[ \t]+|\s*:\s*(?=${QUOTE}))`;
const ASSIGNED = [
  new RegExp(`${NAME}${IS}${VALUE}`, "gi"),
  new RegExp(`${SHORT_NAME}${IS}${VALUE}`, "gi"),
  new RegExp(
    String.raw`(?<![\w-])(?:x-(?:[a-z]{1,20}-){0,4}(?:api-?key|token|secret|password)\s*:|(?:private-token|api-?key)\s*:\s)\s*${VALUE}`,
    "gi",
  ),
  new RegExp(
    String.raw`\b(?:identified\s+(?:with\s+\S{1,40}\s+)?by|(?:user|role|login)\b[^'";]{0,80}\bpassword)\s+(?=${QUOTE})${VALUE}`,
    "gi",
  ),
];
const AFTER_COLON = new RegExp(String.raw`${NAME}(?:${QUOTE})?\s*:(\s*)${VALUE}`, "gi");

/**
 * What secret a text seems to carry by its shape, wherever in it that is. `byShell`: a shell runs the text
 * (see `isInClear`).
 */
export function secretByShape(text: string, byShell: boolean): Secret | undefined {
  if (ACCESS_KEY.test(text)) return "an AWS access key";
  if (PRIVATE_KEY.test(text)) return "a private key";
  if (carriesAwsSecret(text)) return "an AWS secret";
  if (carriesToken(text, byShell)) return "a bearer token";
  const inClear = ([value]: string[]) => isInClear(value ?? "", byShell);
  if (found(URL_PASSWORD, text).some(inClear)) return "a password in a URL";
  if (found(URL_TOKEN, text).some(([user = ""]) => looksLikeChance(user, 16))) {
    return "a password in a URL";
  }
  return ASSIGNED.some((form) => found(form, text).some(inClear)) ? "a password" : undefined;
}

/**
 * Whether a password follows a colon without quotes, as in YAML and in prose. `reset password: locked out`
 * is none: it has to be more than a plain word. `glued`: also where no blank follows the colon, which in a
 * command is more often a key, such as `password:reset:a1`.
 */
export function passwordAfterColon(text: string, byShell: boolean, glued: boolean): boolean {
  return found(AFTER_COLON, text).some(
    ([blank = "", value = ""]) =>
      (glued || blank !== "") &&
      /[A-Za-z]/.test(value) &&
      // A sign at the end belongs to the sentence.
      /^.+[^A-Za-z_.:/-].|[0-9]/.test(value) &&
      value.length >= 5 &&
      isInClear(value, byShell),
  );
}

/** What each match of a form captured. */
function found(form: RegExp, text: string): string[][] {
  return Array.from(text.matchAll(form), (match) => match.slice(1));
}

function carriesToken(text: string, byShell: boolean): boolean {
  if (JWT.test(text) || PREFIXED.test(text)) return true;
  if (found(OPENAI, text).some(([key = ""]) => looksLikeChance(key, 8))) return true;
  const authorizes = ([scheme, value = ""]: (string | undefined)[]) =>
    isInClear(value, byShell) && (scheme !== undefined || looksLikeChance(value, 16));
  if (found(AUTHORIZATION, text).some(authorizes)) return true;
  return found(BEARER, text).some(([value = ""]) => looksLikeChance(value, 8));
}

function carriesAwsSecret(text: string): boolean {
  const mixed = (value: string) => [/[A-Z]/, /[a-z]/, /[0-9]/].every((kind) => kind.test(value));
  if (found(AWS_SECRET_ASSIGNED, text).some(([value = ""]) => !value.startsWith("/"))) return true;
  if (found(AWS_SECRET_FOLLOWS, text).some(([value = ""]) => mixed(value))) return true;
  return Array.from(text.matchAll(/(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{40}(?![A-Za-z0-9+/=])/g)).some(
    ([key]) => mixed(key) && changesOfKind(key) >= 16,
  );
}

/**
 * An AWS secret access key is 40 characters of base64 and says nothing of itself. Of as many characters,
 * names and paths keep to one kind for a few letters; chance changes its kind at two of three.
 */
function changesOfKind(text: string): number {
  const kinds = Array.from(text, kindOf);
  return kinds.filter((kind, i) => i > 0 && kind !== kinds[i - 1]).length;
}

function kindOf(character: string): string {
  if (/[A-Z]/.test(character)) return "upper";
  if (/[a-z]/.test(character)) return "lower";
  return /[0-9]/.test(character) ? "digit" : "sign";
}
