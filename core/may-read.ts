import { type Caller, principalOfCaller } from "./caller.ts";
import type { Action, Configuration, PolicyEngine } from "./policy-engine.ts";
import type { RequestState } from "./request-state.ts";

/** By which right a caller sees a request. `audit` is none of one's own: it is used on the record of others. */
export type ReadRight = "own" | "approver" | "audit" | "rule";

/**
 * Who may see a request: its requester, whoever decided on it, those who could (the rules let them
 * approve there and they are in a group it needs), and those the rules let `read`, `revoke` or `audit`.
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
  if (caller.id === state.requester.person) return "own";
  if (state.decisions.some((decision) => decision.person === caller.id)) return "approver";
  const may = (action: Action): boolean =>
    policy.judge(configuration, {
      principal: principalOfCaller(caller),
      action,
      resource: state.resource,
    }).kind === "permit";
  const needed = state.rules.some((rule) =>
    rule.needs.some((need) => caller.groups.includes(need.group)),
  );
  if (needed && may("approve")) return "approver";
  if (mayAudit(policy, configuration, caller)) return "audit";
  return may("read") || may("revoke") ? "rule" : undefined;
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
