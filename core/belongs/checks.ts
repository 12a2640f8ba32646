import type { Json } from "../canonical-json.ts";
import { type AnyCard, cardDigest } from "../card.ts";
import { digestOf } from "../digest.ts";
import type { Actor, Event } from "../event.ts";
import type { RuleOnRecord } from "../kinds/asked.ts";
import type { Judged } from "../kinds/judged.ts";

export type Of<K extends Event["kind"]> = Extract<Event, { kind: K }>;

/** What has to hold, and what is wrong where it does not; false where it cannot be asked. */
export type Check = [fits: boolean, otherwise: string] | false;

/** What is wrong by the first check that does not hold. */
export function first(checks: Check[]): string | undefined {
  for (const check of checks) if (check !== false && !check[0]) return check[1];
  return undefined;
}

/** Whether that person or program called. */
export function isBy(actor: Actor, id: string): boolean {
  if (actor.kind === "unknown" || actor.kind === "gateway" || actor.kind === "recovery")
    return false;
  return (actor.kind === "program" ? actor.program : actor.person) === id;
}

/** Whether two values have the same canonical form. */
export function same(a: unknown, b: unknown): boolean {
  return digestOf([a as Json]) === digestOf([b as Json]);
}

/** What it says it was judged by has the form of that, and was judged before it was put on record. */
export function judgedFits({ at, data }: Event): Check {
  if (!("judged" in data) || data.judged === undefined) return false;
  const judged: { at?: unknown; groups?: unknown } = data.judged;
  return [
    typeof judged.at === "number" &&
      judged.at <= at &&
      Array.isArray(judged.groups) &&
      judged.groups.every((group) => typeof group === "string"),
    "it was put on record before it was decided, or does not say by which groups",
  ];
}

/** A decision counts for groups that its person was in. */
export function groupsFit({ groups, judged }: { groups: string[]; judged?: Judged }): Check {
  if (judged === undefined) return false;
  return [
    groups.every((group) => judged.groups.includes(group)),
    "it counts for a group not theirs",
  ];
}

/** The digest is that of the card. */
export function cardFits(card: AnyCard | undefined, digest: string | undefined): Check {
  if (card === undefined || digest === undefined) return false;
  return [cardDigest(card) === digest, "the digest is not that of the card"];
}

/** What approves by itself needs nobody. */
export function automaticFits(automatic: string[], rules: RuleOnRecord[]): Check {
  const byThemselves = rules.filter((rule) => rule.needs.length === 0).map((rule) => rule.id);
  return [
    automatic.every((id) => byThemselves.includes(id)),
    "a rule that needs somebody approves by itself",
  ];
}
