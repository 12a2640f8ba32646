import type { Need } from "./policy-engine.ts";

/** A need as a rule writes it: `group` may hold `{tag}`, to be filled in from the resource's tags. */
export interface NeedTemplate {
  group: string;
  count: number;
  /** Where there is an order: its place in it, from 1. */
  step?: number;
}

export type ParsedApprovals =
  /** `none` is the empty list: automatic. It is written, never left out. */
  { kind: "approvals"; needs: NeedTemplate[] } | { kind: "invalid"; why: string };

const ITEM =
  /^(?<group>(?:[A-Za-z0-9_.@-]|\{[A-Za-z0-9_.:/=+@-]{1,128}\})+)\s*:\s*(?<count>[0-9]{1,3})$/;
const TAG = /\{([^{}]*)\}/g;
/** So many persons at most can be asked for by one need, or for a denial. */
export const MOST_PERSONS = 20;

/**
 * Reads `@approvals("{team}-leads:1, sre:1")`: so many different persons of each group, all of them. A comma
 * joins what may come in any order; `then` ends a step, and what follows it waits until all before it have
 * agreed: `a:1 then b:1, c:1` is a first, and after that b and c in any order. `none` stands alone. Refused:
 * an empty text or step, a count below 1 or above 20, a group that stands twice, anything that is not
 * understood whole.
 */
export function parseApprovals(text: string): ParsedApprovals {
  const invalid = (why: string): ParsedApprovals => ({ kind: "invalid", why });
  const trimmed = text.trim();
  if (trimmed === "") return invalid("@approvals is empty; an automatic rule says none");
  if (trimmed === "none") return { kind: "approvals", needs: [] };
  const steps = trimmed.split(/(?<=^|\s)then(?=\s|$)/);

  const needs: NeedTemplate[] = [];
  for (const [i, item] of steps.flatMap((step, at) =>
    step.split(",").map((one) => [at, one] as const),
  )) {
    const { group, count } = ITEM.exec(item.trim())?.groups ?? {};
    if (group === undefined || count === undefined) {
      return invalid(`@approvals: ${JSON.stringify(item.trim())} is not \`group:count\``);
    }
    if (group === "none") return invalid("@approvals: none stands alone");
    const persons = Number(count);
    if (persons < 1 || persons > MOST_PERSONS) {
      return invalid(
        `@approvals: ${group} asks for ${persons} persons; 1 to ${MOST_PERSONS} can be`,
      );
    }
    if (needs.some((need) => need.group === group)) {
      return invalid(`@approvals: ${group} stands twice`);
    }
    needs.push({ group, count: persons, ...(steps.length > 1 ? { step: i + 1 } : {}) });
  }
  return { kind: "approvals", needs };
}

/** Whether the group is only known once the resource is. */
export function isTemplate(need: NeedTemplate): boolean {
  return need.group.includes("{");
}

export type FilledApprovals =
  | { kind: "needs"; needs: Need[] }
  | { kind: "unfillable"; why: string };

/**
 * Fills in the groups from a resource's tags. What comes out must be, letter by letter, a group of the
 * directory: a tag is never read as a list, a count or a pattern. A missing tag and an unknown group make
 * the whole unfillable. Two needs of one step that come out as one group add up, so that neither is lost.
 */
export function fillApprovals(
  templates: readonly NeedTemplate[],
  tags: { readonly [key: string]: string },
  groups: readonly string[],
): FilledApprovals {
  const needs: Need[] = [];
  for (const template of templates) {
    let missing: string | undefined;
    const group = template.group.replace(TAG, (_, key: string) => {
      const value = Object.hasOwn(tags, key) ? tags[key] : undefined;
      if (value === undefined || value === "") missing = key;
      return value ?? "";
    });
    if (missing !== undefined) {
      return { kind: "unfillable", why: `the resource has no tag ${JSON.stringify(missing)}` };
    }
    if (!groups.includes(group)) {
      return { kind: "unfillable", why: `there is no group ${JSON.stringify(group)}` };
    }
    const same = needs.find((need) => need.group === group && need.step === template.step);
    if (same === undefined) needs.push({ ...template, group });
    else same.count += template.count;
  }
  return { kind: "needs", needs };
}
