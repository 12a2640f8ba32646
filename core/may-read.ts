import { type Caller, principalOfCaller } from "./caller.ts";
import type { Action, Configuration, PolicyEngine } from "./policy-engine.ts";
import type { RequestState } from "./request-state.ts";

/**
 * Who may see a request: its requester, whoever decided on it, those who could (the rules let them
 * approve there and they are in a group it needs), and those the rules let `read`, `revoke` or `audit`.
 * To anybody else it does not exist.
 */
export function mayRead(
  policy: PolicyEngine,
  configuration: Configuration,
  state: RequestState,
  caller: Caller,
): boolean {
  if (state.stage === "absent") return false;
  if (caller.id === state.requester.person) return true;
  if (state.decisions.some((decision) => decision.person === caller.id)) return true;
  const may = (action: Action): boolean =>
    policy.judge(configuration, {
      principal: principalOfCaller(caller),
      action,
      resource: state.resource,
    }).kind === "permit";
  const needed = state.rules.some((rule) =>
    rule.needs.some((need) => caller.groups.includes(need.group)),
  );
  if (needed && may("approve")) return true;
  return may("read") || may("revoke") || mayAudit(policy, configuration, caller);
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
