import { isInClear } from "./secret-value.ts";

/** Options whose next word is a secret, whatever program takes them; `-passin` is openssl's. */
const FLAG =
  /^--?(?!(?:ask|no|prompt|force|reset|change|show|with|require|use|skip|generate)[-_])(?:[a-z]+[-_])*(?:pass(?:word|wd|phrase|in|out)?|api[-_]?key|secret[-_]?key|(?:client|api|app|shared)[-_]?secret|secret[-_]access[-_]key|(?:api|access|auth|bearer|private|oauth|refresh)[-_]?token)$/i;
/** Only these names: `--next-token` and `--secret-id` are no secrets. */
const SHORT_FLAG = /^--?(?:token|secret)$/i;
/** To these `--password` says that they shall ask, and `--secret` is a name or a file. */
const ASKS =
  /^(?:psql|pg_\w+|pgbench|createdb|dropdb|createuser|dropuser|reindexdb|vacuumdb|clusterdb)$/;
const NAMES_SECRETS = /^(?:docker|podman|nerdctl|buildah|buildctl)$/;

/** What a program takes as a secret: glued to an option, or as the word after an option or a verb. */
interface Takes {
  program: RegExp;
  glued?: RegExp;
  before?: RegExp;
}

const TAKES: readonly Takes[] = [
  {
    program:
      /^(?:mysql(?:dump|admin|import|check|show|pump|slap)?|mariadb(?:-(?:dump|admin|import|check|show|slap))?)$/,
    glued: /^-p(.+)$/,
  },
  { program: /^(?:mysqladmin|mariadb-admin)$/, before: /^(?:old-)?password$/ },
  { program: /^(?:redis|valkey|keydb)-cli$/, before: /^(?:-a|auth|requirepass|masterauth)$/i },
  { program: /^sshpass$/, glued: /^-p(.+)$/, before: /^-p$/ },
  { program: /^mongo(?:sh|dump|restore|export|import)?$/, glued: /^-p(.+)$/, before: /^-p$/ },
  { program: /^ldap\w+$/, glued: /^-w(.+)$/, before: /^-w$/ },
];
/** curl's user and password, also behind options that take no value: `-su`. Without a password it asks. */
const CURL_USER = /^(?:-[sSkLvifgGIOJ#]{0,9}[uU]|--(?:proxy-)?user(?:=|$))(.*)$/;
/** Programs in whose arguments the options above mean something else. */
const OTHERS = /^(?:curl|ssh|scp|sftp|rsync|grep)$/;
const KNOWN = new RegExp(
  [ASKS, NAMES_SECRETS, OTHERS, ...TAKES.map((takes) => takes.program)]
    .map((program) => program.source)
    .join("|"),
);
const ENDS_COMMAND = /^(?:;|\|+|&&|do|then|else)$/;

/**
 * Whether one of the words is a secret for where it stands among them: after an option, or as what a
 * program takes. Operators of a shell are words of their own. `byShell` as in `isInClear`.
 */
export function secretByPlace(words: readonly string[], byShell: boolean): boolean {
  let program = "";
  let setsPasswords = false;
  for (const [i, word] of words.entries()) {
    const name = nameOf(word);
    if (ENDS_COMMAND.test(word)) program = "";
    else if (KNOWN.test(name)) program = name;
    setsPasswords ||= name === "chpasswd";
    if (given(program, word, words[i + 1] ?? "").some((value) => inClear(value, byShell))) {
      return true;
    }
  }
  return (
    setsPasswords &&
    words.some(
      (word) => /^(?:<<<)?[a-z_][\w.-]*:/i.test(word) && inClear(afterColon(word), byShell),
    )
  );
}

/** What a word, or the next after it, gives the program as a secret. */
function given(program: string, word: string, next: string): string[] {
  const following = next.startsWith("-") ? [] : [next];
  if (FLAG.test(word)) return ASKS.test(program) ? [] : following;
  if (SHORT_FLAG.test(word)) return NAMES_SECRETS.test(program) ? [] : following;
  if (program === "curl") {
    const glued = CURL_USER.exec(word)?.[1];
    return glued === undefined ? [] : [afterColon(glued === "" ? next : glued)];
  }
  return TAKES.filter((takes) => takes.program.test(program)).flatMap((takes) => [
    ...(takes.glued?.exec(word)?.slice(1) ?? []),
    ...(takes.before?.test(word) === true ? following : []),
  ]);
}

/** openssl's `pass:…` is the password itself; its other kinds are places to read it from. */
function inClear(value: string, byShell: boolean): boolean {
  return isInClear(value.replace(/^pass:/, ""), byShell);
}

/** Nothing without a colon: a user alone. */
function afterColon(word: string): string {
  const colon = word.indexOf(":");
  return colon < 0 ? "" : word.slice(colon + 1);
}

/** A program's name without its folder, and without what a shell's substitution puts before it. */
function nameOf(word: string): string {
  const start = /^[$({\x60!]+/.exec(word)?.[0].length ?? 0;
  return word.slice(Math.max(start, word.lastIndexOf("/") + 1));
}
