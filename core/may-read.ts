import { type Caller, principalOfCaller } from "./caller.ts";
import type { Action, Configuration, PolicyEngine, Resource } from "./policy-engine.ts";
import type { RequestState } from "./request-state.ts";

/** By which right a caller sees a request. `audit` is none of one's own: it is used on the record of others. */
export type ReadRight = "own" | "approver" | "audit" | "rule";

/**
 * Who may see a request: its requester, whoever decided on it, those who could (the rules let them
 * approve there and they are in a group it needs), and those the rules let `read`, `revoke`, `terminate` or `audit`.
 * To anybody else it does not exist: undefined. Where several rights would do, the one that is to be
 * recorded goes before the one of `read` or `revoke`, so that no rule hides an auditor's reading.
 */
export function readRight(
  policy: PolicyEngine,
  configuration: Configuration,
  state: RequestState,
  caller: Caller,
): ReadRight | undefined {
  if (state.stage === "absent") return undefined;
  return rightTo(policy, configuration, readersOf(state), caller);
}

/** What of a request decides who may see it. Rows of the lists hold it too, to pass over the others' unread. */
export interface Readers {
  requester: string;
  deciders: string[];
  /** Groups whose members its rules need. */
  groups: string[];
  /** A review is or was owed: whoever may approve there may give it, whatever groups they are in. */
  reviewed?: true;
  resource: Resource;
}

export function readersOf(state: RequestState): Readers {
  const { requester, resource, extensions, breakGlass } = state;
  const rules = [state, ...extensions].flatMap((one) => one.rules);
  const decisions = [state, ...extensions].flatMap((one) => one.decisions);
  const reviewer = breakGlass?.review?.person;
  const deciders = [...decisions.map(({ person }) => person), ...(reviewer ? [reviewer] : [])];
  return {
    requester: requester.person,
    deciders: [...new Set(deciders)],
    ...(breakGlass === undefined ? {} : { reviewed: true }),
    groups: [...new Set(rules.flatMap(({ needs }) => needs.map(({ group }) => group)))],
    resource,
  };
}

/** The right by which a caller sees a request of such readers. */
export function rightTo(
  policy: PolicyEngine,
  configuration: Configuration,
  { requester, deciders, groups, reviewed, resource }: Readers,
  caller: Caller,
): ReadRight | undefined {
  if (caller.id === requester) return "own";
  if (deciders.includes(caller.id)) return "approver";
  const may = (action: Action): boolean =>
    policy.judge(configuration, {
      principal: principalOfCaller(caller),
      action,
      resource,
    }).kind === "permit";
  const needed = groups.some((group) => caller.groups.includes(group));
  if ((needed || reviewed === true) && may("approve")) return "approver";
  if (mayAudit(policy, configuration, caller)) return "audit";
  return may("read") || may("revoke") || may("terminate") ? "rule" : undefined;
}

/** Whether a caller sees a request at all. */
export function mayRead(
  policy: PolicyEngine,
  configuration: Configuration,
  state: RequestState,
  caller: Caller,
): boolean {
  return readRight(policy, configuration, state, caller) !== undefined;
}

/** The right to see every chain as it is stored. */
export function mayAudit(
  policy: PolicyEngine,
  configuration: Configuration,
  caller: Caller,
): boolean {
  return (
    policy.judge(configuration, {
      principal: principalOfCaller(caller),
      action: "audit",
      resource: { kind: "gateway" },
    }).kind === "permit"
  );
}
