import type { Need } from "./policy-engine.ts";

/** A need as a rule writes it: `group` may hold `{tag}`, to be filled in from the resource's tags. */
export interface NeedTemplate {
  group: string;
  count: number;
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
 * Reads `@approvals("{team}-leads:1, sre:1")`: so many different persons of each group, all of them.
 * `none` stands alone. Refused: an empty text, a count below 1 or above 20, a group that stands twice,
 * anything that is not understood whole, and `then` (an order of approvals), which is not built yet.
 */
export function parseApprovals(text: string): ParsedApprovals {
  const invalid = (why: string): ParsedApprovals => ({ kind: "invalid", why });
  const trimmed = text.trim();
  if (trimmed === "") return invalid("@approvals is empty; an automatic rule says none");
  if (trimmed === "none") return { kind: "approvals", needs: [] };
  if (/\sthen\s/.test(` ${trimmed} `)) return invalid("`then` in @approvals is not built yet");

  const needs: NeedTemplate[] = [];
  for (const item of trimmed.split(",")) {
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
    needs.push({ group, count: persons });
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
 * the whole unfillable. Two needs that come out as one group add up, so that neither is lost.
 */
export function fillApprovals(
  templates: readonly NeedTemplate[],
  tags: { readonly [key: string]: string },
  groups: readonly string[],
): FilledApprovals {
  const counts = new Map<string, number>();
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
    counts.set(group, (counts.get(group) ?? 0) + template.count);
  }
  return { kind: "needs", needs: [...counts].map(([group, count]) => ({ group, count })) };
}
