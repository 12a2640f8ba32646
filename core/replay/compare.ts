import { same } from "../belongs/checks.ts";
import type { Json } from "../canonical-json.ts";
import type { EventBody } from "../event-kinds.ts";
import type { RuleOnRecord } from "../kinds/asked.ts";

interface Members {
  [member: string]: unknown;
}

interface Rule {
  [member: string]: Json;
}

/** One thing that comes out otherwise when a decision is made again. */
export interface Difference {
  what: string;
  recorded: Json;
  replayed: Json;
}

/** Where the event that a decision makes now is another than the one on record, by name. */
export function compareBodies(recorded: EventBody, replayed: EventBody): Difference[] {
  const differences: Difference[] = [];
  const add = (what: string, a: unknown, b: unknown): void => {
    if (same(a ?? null, b ?? null)) return;
    differences.push({ what, recorded: (a ?? null) as Json, replayed: (b ?? null) as Json });
  };
  add("outcome", outcomeOf(recorded), outcomeOf(replayed));
  // What was decided is another thing: then everything about it is.
  if (recorded.kind !== replayed.kind) return differences;
  const [left, right] = [recorded, replayed].map(
    ({ data, values }) => ({ ...data, ...values }) as { [member: string]: unknown },
  ) as [Members, Members];
  for (const member of new Set([...Object.keys(left), ...Object.keys(right)])) {
    const [a, b] = [left[member], right[member]];
    if (isRules(a) && isRules(b)) differences.push(...compareRules(a, b));
    else add(member, a, b);
  }
  return differences;
}

/** What was decided, in a word: the kind of event, with the reason for a refusal. */
export function outcomeOf(body: EventBody): string {
  return body.kind === "request.refused" ? `${body.kind} ${body.data.code}` : body.kind;
}

function isRules(value: unknown): value is RuleOnRecord[] {
  return Array.isArray(value) && value.every((one) => typeof one === "object" && "textHash" in one);
}

function compareRules(recorded: RuleOnRecord[], replayed: RuleOnRecord[]): Difference[] {
  const [left, right] = [recorded, replayed].map((rules) => new Map(rules.map((r) => [r.id, r])));
  return [...new Set([...recorded, ...replayed].map(({ id }) => id))].flatMap((id) => {
    const [a, b] = [left?.get(id), right?.get(id)] as unknown as [Rule?, Rule?];
    if (a === undefined || b === undefined) {
      const is = (rule: Rule | undefined): string => (rule === undefined ? "no match" : "a match");
      return [{ what: `rule ${id}`, recorded: is(a), replayed: is(b) }];
    }
    return Object.keys({ ...a, ...b })
      .filter((member) => !same(a[member] ?? null, b[member] ?? null))
      .map((member) => ({
        what: `rule ${id}: ${member}`,
        recorded: a[member] ?? null,
        replayed: b[member] ?? null,
      }));
  });
}
