import type { RequestState } from "../request-state.ts";
import { taskIdOf } from "../target.ts";
import { first, isBy, type Of, same } from "./checks.ts";

export function intentMisfit(
  state: RequestState,
  { actor, at, data, values }: Of<"exec.intent">,
): string | undefined {
  const target = state.exec?.target;
  const agreed = state.decisions
    .filter((d) => d.counts && d.decision === "approve")
    .map(({ person }) => person);
  return first([
    [isBy(actor, state.requester.person), "another than the requester opens it"],
    [data.container === target?.container, "it is for another container"],
    target?.taskArn !== null &&
      target?.taskArn !== undefined && [data.taskArn === target.taskArn, "it is for another task"],
    [
      data.approvals.every((person) => agreed.includes(person)),
      "it counts somebody who has not agreed",
    ],
    [
      data.expiresAt === state.grant?.expiresAt &&
        data.notAfter <= data.expiresAt &&
        at >= (state.grant?.startsAt ?? 0) &&
        at < data.expiresAt,
      "it is not within the grant",
    ],
    [
      [data.container, "*"].some((part) => data.slot === `SLOT#${taskIdOf(data.taskArn)}#${part}`),
      "it takes another container's place",
    ],
    state.breakGlass !== undefined && [
      data.rule === state.breakGlass.rule,
      "it is by another rule than the glass was broken under",
    ],
    data.replaces !== undefined && [
      state.attempts.some(
        (one) =>
          one.attempt === data.replaces?.attempt &&
          one.sessionId === data.replaces.sessionId &&
          one.replaceAskedAt !== undefined,
      ),
      "it replaces a session that nobody wanted replaced",
    ],
    [data.roleSessionName === `req-${state.id}.${data.attempt}`, "its role session is another's"],
    state.exec?.facts !== undefined &&
      values.facts !== undefined && [
        same(values.facts, state.exec.facts),
        "it is of another command",
      ],
  ]);
}

export function replaceMisfit(
  state: RequestState,
  { actor, data }: Of<"replace.asked">,
): string | undefined {
  const attempt = state.attempts.find((one) => one.attempt === data.attempt);
  return first([
    [
      isBy(actor, data.person) && data.person === state.requester.person,
      "another than the requester replaces it",
    ],
    [
      attempt?.sessionId === data.sessionId && attempt.delivered === true,
      "it is of another session",
    ],
    state.exec?.facts !== undefined && [state.exec.facts.shell, "its command is no shell"],
  ]);
}

export function openedMisfit(
  state: RequestState,
  { data }: Of<"session.opened">,
): string | undefined {
  const attempt = state.attempts.find((one) => one.attempt === data.attempt);
  return first([
    [data.delivered === (data.withheld === null), "it is both handed over and withheld"],
    data.delivered && [
      data.containerName === attempt?.container && data.taskArn === attempt.taskArn,
      "another container or task was handed over than was intended",
    ],
  ]);
}
