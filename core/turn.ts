import { lacking } from "./alternatives.ts";
import type { Directory } from "./directory.ts";
import { SallyportError } from "./errors.ts";
import { whoeverIsIn } from "./group-source.ts";
import type { Need } from "./policy-engine.ts";
import { type Agreement, nextOf, tally } from "./quorum.ts";
import type { RequestState } from "./request-state.ts";

/**
 * Whether somebody's agreement would fill a place: now, only after others of an earlier step (`later`), or not
 * at all. The best that any of the rules gives.
 */
export function placeFor(
  rules: readonly { needs: Need[] }[],
  given: Agreement[],
  mine: Agreement,
): "now" | "later" | "none" {
  const fills = rules.some(
    ({ needs }) =>
      tally(needs, [...given, mine]).counted.length > tally(needs, given).counted.length,
  );
  if (fills) return "now";
  // A place of theirs that is lacking and that they do not fill is one of a later step.
  const waits = rules.some(({ needs }) =>
    tally(needs, given).lacks.some(({ group }) => mine.groups.includes(group)),
  );
  return waits ? "later" : "none";
}

/** `out_of_turn`: who has to agree before this person can, by the rules in which they have a place. */
export function outOfTurn(
  rules: readonly { needs: Need[] }[],
  state: Pick<RequestState, "decisions" | "requester">,
  directory: Directory,
  mine: Agreement,
): SallyportError {
  const theirs = rules.filter(({ needs }) =>
    needs.some(({ group }) => mine.groups.includes(group)),
  );
  const next = theirs.flatMap(({ needs }) => nextOf(lacking(state, needs, directory)));
  const texts = next.map(({ group, count, persons, alsoBy = [] }) => {
    const could = [...persons, ...whoeverIsIn([group], alsoBy)];
    const who = could.length === 0 ? "nobody there may" : could.join(", ");
    return `${count} of ${group} (${who})`;
  });
  return new SallyportError("out_of_turn", "others have to agree before you can", {
    hint: `first: ${[...new Set(texts)].join(", or ")}; approve once they have`,
    members: { next },
  });
}
