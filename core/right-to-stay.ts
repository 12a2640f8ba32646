import { type Caller, judgedBy } from "./caller.ts";
import type { EpochMillis } from "./clock.ts";
import { SallyportError } from "./errors.ts";
import { bounded, groupsNow } from "./group-source.ts";
import type { Judged } from "./kinds/judged.ts";
import type { Configuration, PolicyEngine } from "./policy-engine.ts";
import type { Attempt, RequestState } from "./request-state.ts";
import { rightToOpen } from "./right-to-open.ts";

/** How it stands with the right of a requester to be in a session that goes on. */
export type Stay =
  | { kind: "kept" }
  /** By what that was judged, for the record. */
  | { kind: "lost"; judged: Judged }
  /** The rules' engine is lost: nobody can tell, and somebody has to come back. */
  | { kind: "unjudged" };

/**
 * Whether who is in a session could open it now: in the directory, under rules that allow it, by the approvals
 * that were given, each by somebody whose approval would count today. It is judged as an open is (`rightToOpen`),
 * on the target as it was judged when it was opened: what AWS says of it since changes nobody's right. An error
 * of a rule is a deny, as it is there.
 *
 * Under the set it was opened under, or an older one that was read late, nothing is judged anew.
 */
export function rightToStay(
  policy: PolicyEngine,
  configuration: Configuration,
  state: RequestState,
  attempt: Pick<Attempt, "under" | "resource">,
  now: EpochMillis,
): Stay {
  if (configuration.seq <= attempt.under) return { kind: "kept" };
  const { persons, programs } = configuration.directory;
  const known = [...persons, ...programs].find(({ id }) => id === state.requester.person);
  if (known === undefined) return { kind: "lost", judged: { at: now, groups: [] } };
  const { kind, id, name, groupsFrom } = known;
  const caller: Caller = {
    kind,
    id,
    name,
    // Where it is not the directory that says so, those they opened it in: nobody can be asked while they do not call.
    groups: bounded(groupsNow(known, state.requesterGroups), configuration.directory),
    ...(groupsFrom === undefined ? {} : { groupsFrom }),
    principal: state.requesterPrincipal,
  };
  const lost: Stay = { kind: "lost", judged: judgedBy(caller, now) };
  try {
    rightToOpen(policy, configuration, state, caller, attempt.resource);
    return { kind: "kept" };
  } catch (error) {
    if (!(error instanceof SallyportError)) throw error;
    // A lost engine denies everything: that is no word on anybody's right.
    return policy.isLost() ? { kind: "unjudged" } : lost;
  }
}
