import type { Need } from "../../../core/policy-engine.ts";
import {
  type Chain,
  type Evidence,
  executions,
  type Of,
  type Placed,
  requestsIn,
} from "../evidence.ts";

/** I5: whoever agreed are distinct persons, none of them the requester, and as many as the rule needs. */
export function distinctApprovers(evidence: Evidence): string[] {
  return requestsIn(evidence).flatMap((chain) => {
    const problems: string[] = [];
    const [asked] = chain.of("request.asked", "activation.asked");
    let agreed: Placed<Of<"decision.approved">>[] = [];
    let rules: { id: string; needs: Need[] }[] = asked?.data.rules ?? [];
    for (const event of chain.events) {
      if (event.kind === "request.recarded") {
        agreed = [];
        rules = event.data.rules;
      }
      if (event.kind !== "decision.approved") continue;
      const { person, grant } = event.data;
      const called = event.actor.kind === "person" ? event.actor.person : undefined;
      if (called !== person)
        problems.push(`${chain.id}: ${called} decided in the name of ${person}`);
      if (person === asked?.data.requester.person)
        problems.push(`${chain.id}: ${person} agreed to their own`);
      if (agreed.some(({ data }) => data.person === person)) {
        problems.push(`${chain.id}: ${person} counts twice`);
      }
      agreed.push(event);
      const needs = rules.find(({ id }) => id === grant?.rule)?.needs;
      if (grant !== null && !enough(needs, agreed)) {
        problems.push(`${chain.id}: granted by ${grant.rule} before enough had agreed`);
      }
    }
    return problems;
  });
}

function enough(needs: Need[] | undefined, agreed: Placed<Of<"decision.approved">>[]): boolean {
  if (needs === undefined) return false;
  const total = needs.reduce((sum, { count }) => sum + count, 0);
  const persons = (group?: string): number =>
    new Set(
      agreed
        .filter(({ data }) => group === undefined || data.groups.includes(group))
        .map(({ data }) => data.person),
    ).size;
  return persons() >= total && needs.every(({ group, count }) => persons(group) >= count);
}

/** I6: what runs is what was approved: the task, the container, the command, byte for byte, for no longer. */
export function asApproved(evidence: Evidence): string[] {
  const chains = requestsIn(evidence);
  const executed = executions(evidence).flatMap(({ call, id, attempt }) => {
    const wrong = (what: string) => [`${call.roleSessionName} ran ${what}`];
    const chain = chains.find((one) => one.id === id);
    const [asked] = chain?.of("request.asked", "glass.broken") ?? [];
    const intent = chain?.of("exec.intent").find(({ data }) => data.attempt === attempt);
    if (asked === undefined || intent === undefined) return wrong("for no request");
    const { target } = asked.data;
    const shown = asked.values.card;
    if (
      call.command !== asked.values.command ||
      shown?.kind !== "exec" ||
      shown.command !== call.command
    ) {
      return wrong("another command than was approved");
    }
    if (call.container !== target.container || call.container !== intent.data.container) {
      return wrong("in another container");
    }
    if (call.taskArn !== intent.data.taskArn) return wrong("in another task than was intended");
    if (
      target.kind === "task" &&
      (call.taskArn !== target.taskArn || intent.data.runtimeId !== target.runtimeId)
    ) {
      return wrong("in another task than was approved");
    }
    const service = evidence.serviceOf[call.taskArn ?? ""];
    return target.serviceArn !== null && !target.serviceArn.endsWith(`/${service}`)
      ? wrong("in a task of another service")
      : [];
  });
  return [...executed, ...chains.flatMap(longGrants)];
}

function longGrants(chain: Chain): string[] {
  const [asked] = chain.of("request.asked");
  if (asked === undefined) return [];
  const ms = asked.data.durationMinutes * 60_000;
  return chain
    .of("decision.approved")
    .filter(({ at, data }) => data.grant !== null && data.grant.expiresAt > at + ms)
    .map(({ seq }) => `${chain.id} #${seq}: granted for longer than was approved`);
}
