import { splitCommand } from "./command-words.ts";

/** What a command seems to carry. */
export type Secret =
  | "an AWS access key"
  | "an AWS secret"
  | "a private key"
  | "a bearer token"
  | "a password"
  | "a password in a URL";

/** Begins what a shell or a template fills in where it runs, a placeholder, or a place to read from. */
const NOT_REFERRED_TO = String.raw`(?![$%{<>*?(|&;\x60\s]|\\\$|file:|env:|/|@/|\.\.?/)`;
/** Words that stand for no secret. */
const NO_SECRET =
  /^(?:true|false|yes|no|on|off|null|none|nil|undefined|empty|required|optional|prompt|x+|[01])$/i;

/** Keys of long-lived (AKIA) and of temporary (ASIA) credentials. */
const ACCESS_KEY = /(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])/;
const AWS_SECRET_NAMED = new RegExp(
  String.raw`(?:aws_?)?(?:secret_?access_?key|session_?token)["']?\s*[=:\s]\s*["']?${NOT_REFERRED_TO}[A-Za-z0-9/+=]{16,}`,
  "i",
);
/** The key itself may be cut into lines, written with `\n`, or encrypted with its headers before it. */
const PRIVATE_KEY =
  /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----[\s\S]{0,200}?[A-Za-z0-9+/]{16}/;
/** Any value after `Authorization`; elsewhere only what holds a digit, as tokens do and prose seldom does. */
const AUTHORIZATION = new RegExp(
  String.raw`authorization["']?\s*[:=]\s*["']?(?:bearer|basic|token)\s+${NOT_REFERRED_TO}[\w.~+/=-]{8,}`,
  "i",
);
const BEARER = /\bbearer\s+(?=[\w.~+/=-]*[0-9])[\w.~+/=-]{16,}/i;
const JWT = /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}/;
/** Tokens that say by their beginning what they are: GitHub, GitLab, Slack, Stripe, npm. */
const PREFIXED =
  /\b(?:gh[oprsu]_\w{30,}|github_pat_\w{30,}|glpat-[\w-]{20,}|xox[abeoprs]-[\w-]{10,}|[rs]k_live_\w{16,}|npm_\w{30,})/;

const NAME = String.raw`(?:pass(?:word|wd|phrase)|mysql_pwd|secret[_-]?key|client[_-]?secret|api[_-]?key|(?:access|auth|api)[_-]?token)`;
/** `password=…`, also as `DB_PASSWORD=…`, `--db-password=…` and `"password": "…"`. */
const ASSIGNED = new RegExp(
  String.raw`${NAME}(?:=["']?|["']\s*:\s*["'])${NOT_REFERRED_TO}([^\s"'&,;]+)`,
  "gi",
);
const FLAG = /^--?(?:[a-z]+-)*pass(?:word|wd|phrase)?$/i;
const SQL = new RegExp(
  String.raw`\b(?:identified\s+by|password)\s+'${NOT_REFERRED_TO}[^'\s]+'`,
  "i",
);

const URL_PASSWORD = new RegExp(
  String.raw`(?<![a-z0-9+.-])[a-z][a-z0-9+.-]{0,30}://[^\s/?#@:"']*:${NOT_REFERRED_TO}[^\s/?#@"']+@`,
  "i",
);
/** A user of such length is a token that needs no password. */
const URL_TOKEN =
  /(?<![a-z0-9+.-])[a-z][a-z0-9+.-]{0,30}:\/\/(?=[^\s/?#@:"'$]*[0-9])[^\s/?#@:"'$<>{}]{20,}@/i;

/**
 * Whether a command seems to carry a secret in clear, and what. A command is shown to approvers, kept on
 * record and written to CloudTrail, so a secret in one is given away before it is used.
 *
 * It goes by shape, so it is no proof either way: a password of no name goes through, and what is only an
 * example may not. What is filled in where the command runs (`$PASSWORD`, `$(cat …)`), a placeholder, a path
 * and an empty value are no secrets.
 */
export function secretIn(command: string): Secret | undefined {
  if (ACCESS_KEY.test(command)) return "an AWS access key";
  if (PRIVATE_KEY.test(command)) return "a private key";
  const split = splitCommand(command);
  const words = split.kind === "words" ? split.words : [command];
  for (const [i, word] of words.entries()) {
    if (AWS_SECRET_NAMED.test(word) || looksLikeAwsSecret(word)) return "an AWS secret";
    if ([AUTHORIZATION, BEARER, JWT, PREFIXED].some((form) => form.test(word))) {
      return "a bearer token";
    }
    if (URL_PASSWORD.test(word) || URL_TOKEN.test(word)) return "a password in a URL";
    if (assigns(word) || SQL.test(word) || (FLAG.test(word) && isValue(words[i + 1]))) {
      return "a password";
    }
  }
  // Forms that the split into words takes apart, where nobody put them in quotes.
  const line = words.join(" ");
  if (AWS_SECRET_NAMED.test(line)) return "an AWS secret";
  return AUTHORIZATION.test(line) || BEARER.test(line) ? "a bearer token" : undefined;
}

function assigns(word: string): boolean {
  return [...word.matchAll(ASSIGNED)].some(([, value = ""]) => !NO_SECRET.test(value));
}

const VALUE = new RegExp(`^${NOT_REFERRED_TO}[^-]`);

function isValue(word: string | undefined): boolean {
  return word !== undefined && VALUE.test(word) && !NO_SECRET.test(word);
}

/**
 * An AWS secret access key is 40 characters of base64 and says nothing of itself. Of as many characters,
 * names and paths keep to one kind for a few letters; chance changes its kind at two of three.
 */
function looksLikeAwsSecret(word: string): boolean {
  return [...word.matchAll(/(?<![A-Za-z0-9+/=])[A-Za-z0-9+/]{40}(?![A-Za-z0-9+/=])/g)].some(
    ([text]) => {
      const kinds = Array.from(text, kindOf);
      if (!["upper", "lower", "digit"].every((kind) => kinds.includes(kind))) return false;
      return kinds.filter((kind, i) => i > 0 && kind !== kinds[i - 1]).length >= 16;
    },
  );
}

function kindOf(character: string): string {
  if (/[A-Z]/.test(character)) return "upper";
  if (/[a-z]/.test(character)) return "lower";
  return /[0-9]/.test(character) ? "digit" : "sign";
}
