import type { RequestView } from "../api/response-schemas.ts";
import { whoeverIsIn } from "../core/group-source.ts";
import { nextOf } from "../core/quorum.ts";
import { joined, type Shown, shown } from "./shown.ts";

type Rule = RequestView["rules"][number];
type Lack = Rule["lacks"][number];

const MOST_PERSONS = 6;

/** `1 of sre, 2 of leads`, and with `withPersons` who could give each. */
export function lackText(lack: Lack, withPersons: boolean): Shown {
  const need = shown`${lack.count} of ${lack.group}`;
  if (!withPersons) return need;
  const more = lack.persons.length - MOST_PERSONS;
  const unnamed = [
    ...(more > 0 ? [`${more} more`] : []),
    ...whoeverIsIn([lack.group], lack.alsoBy ?? []),
  ];
  const could = [...lack.persons.slice(0, MOST_PERSONS), ...unnamed].map((who) => shown`${who}`);
  if (could.length === 0) return shown`${need} (nobody there may)`;
  const last = could.length > 1 && unnamed.length > 0 ? could.pop() : undefined;
  const names = joined(could, ", ");
  return last === undefined ? shown`${need} (${names})` : shown`${need} (${names} and ${last})`;
}

/** What one alternative lacks, with `then` before each further step of its order. */
function lacksOf({ lacks }: Pick<Rule, "lacks">, withPersons: boolean): Shown {
  const texts = lacks.map((lack, i) => {
    const text = lackText(lack, withPersons);
    const before = lacks[i - 1];
    return before !== undefined && before.step !== lack.step ? shown`then ${text}` : text;
  });
  return joined(texts, ", ");
}

/** What the alternatives still lack, in one line: any one of them is enough. */
export function lacksText(request: Pick<RequestView, "rules">, withPersons = false): Shown {
  const open = request.rules.filter((rule) => rule.lacks.length > 0);
  const texts = open.map((rule) => lacksOf(rule, withPersons));
  const different = [...new Map(texts.map((text) => [text.shown, text])).values()];
  if (different.length === 1) return joined(different, "");
  return joined(
    different.map((text) => shown`(${text})`),
    " or ",
  );
}

/**
 * What the alternatives lack once this person has agreed, who fills one place of those whose turn it is. Where there
 * are several such places, each of them is an alternative.
 */
export function rulesAfter(rules: RequestView["rules"], person: string): RequestView["rules"] {
  return rules.flatMap((rule) => {
    const places = nextOf(rule.lacks).filter(({ persons }) => persons.includes(person));
    if (places.length === 0) return [rule];
    return places.map((filled) => ({
      ...rule,
      lacks: rule.lacks
        .map((lack) => ({
          ...lack,
          count: lack === filled ? lack.count - 1 : lack.count,
          persons: lack.persons.filter((other) => other !== person),
        }))
        .filter(({ count }) => count > 0),
    }));
  });
}

/** How many have denied, where it takes more of them; empty where nobody has, or one is enough. */
export function denialLines(request: Pick<RequestView, "rules" | "decisions">): Shown[] {
  const asked = request.rules.filter(({ automatic }) => !automatic);
  const needed = Math.min(...asked.map(({ denyAfter }) => denyAfter ?? 1));
  const given = request.decisions.filter(({ decision, counts }) => counts && decision === "deny");
  if (given.length === 0) return [];
  return [shown`denied by ${given.length} of the ${needed} persons it takes`];
}

/** The same for a person who waits: a line for each rule by name. */
export function lacksLines(request: Pick<RequestView, "rules">): Shown[] {
  return request.rules.map((rule) => {
    if (rule.automatic) return shown`rule ${rule.id} approves by itself`;
    if (rule.lacks.length === 0) return shown`rule ${rule.id} lacks nothing`;
    return shown`rule ${rule.id} lacks ${lacksOf(rule, true)}`;
  });
}
