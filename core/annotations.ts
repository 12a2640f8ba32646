import { MOST_PERSONS, type NeedTemplate, parseApprovals } from "./approvals.ts";
import { type BreakGlassTerms, breakGlassKeys, readBreakGlass } from "./break-glass-annotations.ts";
import { nearestName } from "./nearest-name.ts";
import type { Action } from "./policy-engine.ts";

/** What a rule's annotations say, read. Members that mean nothing for its action hold their defaults. */
export interface RuleAnnotations {
  id: string;
  needs: NeedTemplate[];
  maxDurationSeconds: number;
  maxSessions: number;
  requestTtlSeconds: number;
  pin: "none" | "revision" | "image";
  /** Set for a rule that is only for emergencies. */
  breakGlass?: BreakGlassTerms;
  /** Set where it takes more than one person's no. */
  denyAfter?: number;
}

export type ReadAnnotations =
  | { kind: "annotations"; annotations: RuleAnnotations }
  /** `id` is set where at least that could be read. */
  | { kind: "defects"; id: string | undefined; defects: string[] };

/** What each kind of rule must say, and may. Cedar checks no annotation: an unknown one would be ignored. */
const SCHEMA = {
  exec: {
    required: ["id", "approvals", "max_duration"],
    optional: ["max_sessions", "request_ttl", "pin", "deny_after", ...breakGlassKeys],
  },
  /** An activation takes effect when it is decided and lasts until the next: it has no duration. */
  activate: { required: ["id", "approvals"], optional: ["request_ttl", "deny_after"] },
  other: { required: ["id"], optional: [] },
} satisfies { [kind: string]: { required: string[]; optional: string[] } };

const NOT_BUILT = ["approval_signature"];
const KNOWN = [...SCHEMA.exec.required, ...SCHEMA.exec.optional, ...NOT_BUILT];

const ID = /^[a-z0-9][a-z0-9-]{0,63}$/;
const MINUTE = 60;
const DAY = 86_400;
const UNITS: { [unit: string]: number } = { s: 1, m: MINUTE, h: 3600, d: DAY };

/** `90s`, `30m`, `1h`, `1d`: a whole number and one unit, in seconds. Undefined for anything else. */
export function parseDuration(text: string): number | undefined {
  const [, number, unit = ""] = /^([1-9][0-9]{0,5})([smhd])$/.exec(text) ?? [];
  const seconds = UNITS[unit];
  return number === undefined || seconds === undefined ? undefined : Number(number) * seconds;
}

/**
 * Reads the annotations of one rule against the schema above. `action` is the one a permit names. An
 * annotation without a value is null, as Cedar gives it. Every defect is reported, not only the first:
 *
 * - a missing, unknown or misplaced key; an `@id` other than `[a-z0-9][a-z0-9-]{0,63}`
 * - `@max_duration` of less than 1m or more than 24h; `@request_ttl` of less than 1m or more than 7d
 * - `@deny_after` of less than 1 or more than 20, or where `@approvals` is none: nobody decides there
 * - what is designed and not built yet: `@approval_signature`, `@max_sessions` other than "1" (a session's end
 *   is not on record)
 */
export function readAnnotations(
  rule: { effect: "permit" | "forbid"; action: Action | undefined },
  given: { readonly [key: string]: string | null | undefined },
): ReadAnnotations {
  const defects: string[] = [];
  const decides =
    rule.effect === "permit" && (rule.action === "exec" || rule.action === "activate")
      ? rule.action
      : "other";
  const { required, optional } = SCHEMA[decides];
  const allowed: string[] = [...required, ...optional];
  for (const key of Object.keys(given)) {
    if (allowed.includes(key)) continue;
    if (NOT_BUILT.includes(key)) {
      defects.push(`@${key} is not built yet`);
    } else if (KNOWN.includes(key)) {
      defects.push(`@${key} means nothing on a ${rule.effect} of this action`);
    } else {
      const near = nearestName(key, KNOWN);
      const hint = near === undefined ? "" : `; is it @${near}?`;
      defects.push(`@${key} is not an annotation we know${hint}`);
    }
  }
  for (const key of required) {
    if (!Object.hasOwn(given, key)) defects.push(`@${key} is missing`);
  }

  /** The value of an annotation that is allowed here; undefined when it is not there or has none. */
  const value = (key: string): string | undefined => {
    if (!allowed.includes(key) || !Object.hasOwn(given, key)) return undefined;
    const text = given[key];
    if (typeof text === "string") return text;
    defects.push(`@${key} has no value`);
    return undefined;
  };
  const duration = (key: string, most: number, otherwise: number): number => {
    const text = value(key);
    if (text === undefined) return otherwise;
    const seconds = parseDuration(text);
    if (seconds !== undefined && seconds >= MINUTE && seconds <= most) return seconds;
    const limit = most === DAY ? "24h" : `${most / DAY}d`;
    defects.push(`@${key} is a whole number and s, m, h or d, from 1m to ${limit}`);
    return otherwise;
  };

  const id = value("id");
  const idIsSound = id !== undefined && ID.test(id);
  if (id !== undefined && !idIsSound) {
    defects.push("@id is 1 to 64 of a-z, 0-9 and -, and does not begin with -");
  }
  let needs: NeedTemplate[] = [];
  const approvals = value("approvals");
  if (approvals !== undefined) {
    const parsed = parseApprovals(approvals);
    if (parsed.kind === "invalid") defects.push(parsed.why);
    else needs = parsed.needs;
  }
  const maxDurationSeconds = duration("max_duration", DAY, 0);
  const requestTtlSeconds = duration("request_ttl", 7 * DAY, 4 * 3600);
  const sessions = value("max_sessions");
  if (sessions !== undefined && sessions !== "1") {
    defects.push(
      /^[1-9][0-9]{0,3}$/.test(sessions)
        ? '@max_sessions other than "1" is not built yet'
        : '@max_sessions is a count, such as "1"',
    );
  }
  const deniers = value("deny_after") ?? "1";
  const denyAfter = /^[1-9][0-9]?$/.test(deniers) ? Number(deniers) : 0;
  if (denyAfter < 1 || denyAfter > MOST_PERSONS) {
    defects.push(`@deny_after is a count of persons between "1" and "${MOST_PERSONS}"`);
  } else if (denyAfter > 1 && approvals?.trim() === "none") {
    defects.push("@deny_after means nothing where @approvals is none: nobody decides");
  }
  const pinned = value("pin");
  const pin = pinned === "revision" || pinned === "image" ? pinned : "none";
  if (pinned !== undefined && pin === "none") defects.push('@pin is "revision" or "image"');
  const breakGlass =
    decides === "exec"
      ? readBreakGlass(given, duration, (defect) => void defects.push(defect))
      : undefined;

  if (defects.length > 0 || !idIsSound) {
    return { kind: "defects", id: idIsSound ? id : undefined, defects };
  }
  return {
    kind: "annotations",
    annotations: {
      id,
      needs,
      maxDurationSeconds,
      maxSessions: 1,
      requestTtlSeconds,
      pin,
      ...(breakGlass === undefined ? {} : { breakGlass }),
      ...(denyAfter > 1 ? { denyAfter } : {}),
    },
  };
}
