import { type Caller, judgedBy } from "./caller.ts";
import { type Chosen, chooseTask } from "./choose-task.ts";
import { type EpochMillis } from "./clock.ts";
import { preflightFailed, type Site, spotOf } from "./consider.ts";
import type { Task } from "./containers.ts";
import type { ErrorCode } from "./errors.ts";
import { SallyportError } from "./errors.ts";
import type { EventBody } from "./event-kinds.ts";
import { slotChain } from "./holds.ts";
import type { Judged } from "./kinds/judged.ts";
import { agreedTo, requireAgreedUnlocked, unlockedTasks } from "./locked.ts";
import type { Locks } from "./locks.ts";
import type { Configuration, PolicyEngine, Resource } from "./policy-engine.ts";
import { blockingNow, preflight } from "./preflight.ts";
import { type RequestState } from "./request-state.ts";
import { mayOpenNow, notApproved, type RightToOpen, rightToOpen } from "./right-to-open.ts";

/** ExecuteCommand is sent within so long after the intent was decided, or not at all. */
export const INTENT_LIFE_MS = 10_000;

export interface Opening {
  chosen: Chosen;
  rule: string;
  intent: EventBody & { kind: "exec.intent" };
}

/**
 * Decides an open by the rules as they are now, on the target as it is now. What is locked opens for nobody,
 * and neither does what somebody agreed to who is locked now. Throws what `mayOpenNow` and `rightToOpen` do,
 * and `preflight_failed`, `exec_not_enabled`, `agent_not_running`, `target_changed`.
 */
export function open(
  policy: PolicyEngine,
  configuration: Configuration,
  state: RequestState,
  caller: Caller,
  site: Site,
  locks: Locks,
  now: EpochMillis,
): Opening {
  mayOpenNow(policy, configuration, state, caller, locks, now);
  const tasks = unlockedTasks(policy, configuration, locks, site, now);
  const right = rightToOpen(policy, configuration, state, caller, site.resource);
  const agreed = agreedTo(state, configuration.directory).filter(({ id }) =>
    right.approvals.includes(id),
  );
  requireAgreedUnlocked(policy, configuration, locks, agreed, now);
  const { exec } = right;
  const choice = chooseTask(exec.target, tasks);
  if (choice.kind === "changed") {
    throw new SallyportError("target_changed", choice.detail, {
      hint: "ask again with `sallyport exec`",
    });
  }
  const { chosen } = choice;
  const red = blockingNow(preflight(spotOf(site, chosen.task, exec.target.container)));
  const [first] = red;
  if (first !== undefined) {
    const code = preflightCodes[first.check];
    throw code === undefined
      ? preflightFailed(red)
      : new SallyportError(code, first.remedy, {
          hint: first.remedy,
          members: { problems: red.map(({ check, remedy }) => ({ check, remedy })) },
        });
  }
  const { rule } = right;
  const slot = slotOf(site, chosen.task, exec.target.container);
  const judged = { ...judgedBy(caller, now), resource: site.resource };
  return {
    chosen,
    rule: rule.id,
    intent: intentOf(state, right, chosen, slot, judged, locks.tail.seq),
  };
}

const preflightCodes: { [check: string]: ErrorCode } = {
  exec_enabled: "exec_not_enabled",
  exec_agent: "agent_not_running",
};

/** The chain of one container there: of its whole task where containers share a PID namespace. */
export function slotOf(site: Site, task: Task, container: string): string {
  const { definitions } = spotOf(site, task, container);
  const definition = definitions.find((d) => d.taskDefinitionArn === task.taskDefinitionArn);
  return slotChain(task.taskArn, container, definition?.pidMode === "task");
}

/** The intent of opening that task by that right. */
export function intentOf(
  state: RequestState,
  right: RightToOpen,
  chosen: Pick<Chosen, "why"> & {
    task: Pick<Task, "taskArn" | "taskDefinitionArn">;
    container: Pick<Chosen["container"], "name" | "runtimeId" | "imageDigest">;
  },
  slot: string,
  judged: Judged & { resource: Resource },
  locks: number,
): EventBody & { kind: "exec.intent" } {
  const { task, container } = chosen;
  return {
    kind: "exec.intent",
    data: {
      attempt: state.attempts.length + 1,
      rule: right.rule.id,
      approvals: right.approvals,
      taskArn: task.taskArn,
      runtimeId: container.runtimeId,
      container: container.name,
      chosen: chosen.why,
      expiresAt: right.expiresAt,
      ...attemptOf(state, judged.at),
      slot,
      locks,
      judged: {
        ...judged,
        revision: task.taskDefinitionArn,
        image: container.imageDigest ?? null,
      },
    },
    values: { facts: right.facts },
  };
}

/**
 * What the next attempt's role is assumed for, and its intent says. Throws where there is no grant.
 */
export function attemptOf(
  state: RequestState,
  now: EpochMillis,
): { notAfter: EpochMillis; roleSessionName: string } {
  if (state.grant === undefined) throw notApproved(state);
  return {
    notAfter: Math.min(now + INTENT_LIFE_MS, state.grant.expiresAt),
    roleSessionName: roleSessionName(state.id, state.attempts.length + 1),
  };
}

/** What CloudTrail shows as the session of `sallyport-exec`: it leads back to the request. */
export function roleSessionName(requestId: string, attempt: number): string {
  return `req-${requestId}.${attempt}`;
}
