import { agreements, execAlternatives } from "./alternatives.ts";
import { type Caller, principalOfCaller } from "./caller.ts";
import { type Chosen, chooseTask } from "./choose-task.ts";
import { type EpochMillis, isoTime } from "./clock.ts";
import { preflightFailed, refusedByRule, type Site, spotOf } from "./consider.ts";
import type { Task } from "./containers.ts";
import { whatBecame } from "./decided-elsewhere.ts";
import { breakingGlass } from "./emergency-rules.ts";
import type { ErrorCode } from "./errors.ts";
import { SallyportError } from "./errors.ts";
import type { EventBody } from "./event-kinds.ts";
import { slotChain } from "./holds.ts";
import type { Judged } from "./kinds/judged.ts";
import { lockableOf, requireUnlocked, unlockedTasks } from "./locked.ts";
import type { Locks } from "./locks.ts";
import type { Configuration, Facts, PolicyEngine, Resource, Rule } from "./policy-engine.ts";
import { blockingNow, preflight } from "./preflight.ts";
import { tally } from "./quorum.ts";
import { type RequestState, statusAt } from "./request-state.ts";
import { notStarted } from "./start-at.ts";
import { requireRoom, usesTaken } from "./transitions.ts";

/** ExecuteCommand is sent within so long after the intent was decided, or not at all. */
export const INTENT_LIFE_MS = 10_000;

/**
 * Whether this caller may open this request at all, by the record alone: before anything is asked of AWS.
 * Throws `not_permitted`, `not_approved`, `not_started`, `request_closed`, `session_already_opened`
 * or `chain_full`.
 */
export function mayOpen(state: RequestState, caller: Caller, now: EpochMillis): void {
  if (state.kind !== "exec" || caller.id !== state.requester.person) {
    throw new SallyportError(
      "not_permitted",
      "only the requester opens what was approved for them",
    );
  }
  const [taken] = usesTaken(state);
  if (taken !== undefined) throw alreadyOpened(state);
  requireRoom(state);
  const status = statusAt(state, now);
  if (status === "pending") throw notApproved(state);
  if (status !== "approved") {
    throw new SallyportError("request_closed", whatBecame(state, status), {
      hint: "ask again with `sallyport exec`",
      members: { requestStatus: status },
    });
  }
  if (state.grant !== undefined && now < state.grant.startsAt) {
    throw notStarted(state.grant.startsAt, now);
  }
}

export interface Opening {
  chosen: Chosen;
  rule: string;
  intent: EventBody & { kind: "exec.intent" };
}

/**
 * Decides an open by the rules as they are now, on the target as it is now. The approvals on record are
 * counted against the present rules; an automatic approval holds only while the very rule that gave it is
 * still automatic. What is locked opens for nobody. Throws besides what `mayOpen` does: `locked`, `refused_by_rule`, `preflight_failed`,
 * `exec_not_enabled`, `agent_not_running`, `target_changed`.
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
  mayOpen(state, caller, now);
  const lockable = lockableOf(state, configuration.directory);
  requireUnlocked(policy, configuration, locks, lockable, now);
  const tasks = unlockedTasks(policy, configuration, locks, site, now);
  const right = rightToOpen(policy, configuration, state, caller, site.resource, now);
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
          members: { problems: red.map(({ check, remedy }) => ({ check, remedy })) },
        });
  }
  const { rule } = right;
  const slot = slotOf(site, chosen.task, exec.target.container);
  const judged = { at: now, groups: caller.groups, resource: site.resource };
  return {
    chosen,
    rule: rule.id,
    intent: intentOf(state, right, chosen, slot, judged, locks.tail.seq),
  };
}

/** How long the rules have to allow: with what was granted besides, all of it. */
function wholeMinutes({ exec, grant, extensions }: RequestState): number {
  const asked = exec?.durationMinutes ?? 0;
  const isLonger = extensions.some(({ stage }) => stage === "granted");
  if (grant === undefined || !isLonger) return asked;
  return Math.max(asked, Math.ceil((grant.expiresAt - grant.startsAt) / 60_000));
}

export interface RightToOpen {
  exec: NonNullable<RequestState["exec"]>;
  facts: Facts;
  /** The rule that is satisfied, and whose approvals satisfy it. */
  rule: Rule;
  approvals: string[];
  expiresAt: EpochMillis;
}

/**
 * The right to open by the rules as they are now, on what they judge as it is now; which task it would be is
 * not looked at. Throws what `mayOpen` does, and `refused_by_rule`.
 */
export function rightToOpen(
  policy: PolicyEngine,
  configuration: Configuration,
  state: RequestState,
  caller: Caller,
  resource: Resource,
  now: EpochMillis,
): RightToOpen {
  mayOpen(state, caller, now);
  const { exec, grant } = state;
  if (exec?.facts === undefined || exec.command === undefined || grant === undefined) {
    throw new SallyportError("request_closed", "what was asked has been erased from the record");
  }
  const { alternatives } = execAlternatives(
    state.breakGlass === undefined ? policy : breakingGlass(policy),
    configuration,
    { principal: principalOfCaller(caller), resource, facts: exec.facts },
    wholeMinutes(state),
  );
  if (alternatives.kind === "none")
    throw refusedByRule(alternatives.verdict.why, alternatives.verdict.rules);
  if (alternatives.kind === "too_long") {
    throw new SallyportError("refused_by_rule", "the rules no longer allow this for so long", {
      hint: `ask again, for ${alternatives.longestMinutes} minutes or less`,
    });
  }
  const given = agreements(state, configuration.directory);
  const byItself = state.breakGlass === undefined ? state.automatic : [state.breakGlass.rule];
  const rule = alternatives.rules.find(
    (candidate) =>
      pinKept(candidate, exec.target) &&
      (candidate.needs.length === 0
        ? byItself.includes(candidate.id)
        : tally(candidate.needs, given).lacks.length === 0),
  );
  if (rule === undefined && state.breakGlass !== undefined) {
    throw new SallyportError(
      "refused_by_rule",
      "the rules have changed, and no longer allow this",
      {
        hint: "break the glass again, under the rules as they are now",
      },
    );
  }
  if (rule === undefined) {
    throw new SallyportError(
      "not_approved",
      "the rules have changed, and the approvals given are not enough",
      {
        hint: "whoever approves next is shown the new card; `sallyport show ID` says who that may be",
        retryAfterSeconds: 5,
      },
    );
  }
  return {
    exec,
    facts: exec.facts,
    rule,
    approvals: tally(rule.needs, given).counted,
    expiresAt: grant.expiresAt,
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

/** A rule that pins what the approved card does not pin was not approved. */
function pinKept(
  rule: Rule,
  target: { pinnedRevision: string | null; pinnedImage: string | null },
): boolean {
  if (rule.pin === "revision") return target.pinnedRevision !== null;
  if (rule.pin === "image") return target.pinnedImage !== null;
  return true;
}

function notApproved(state: RequestState): SallyportError {
  return new SallyportError("not_approved", "the request waits for decisions", {
    hint: `it lapses at ${isoTime(state.lapsesAt)}; \`sallyport show ID\` says who can approve`,
    retryAfterSeconds: 5,
  });
}

/** The one use is taken: by a session, by an open under way, or by one whose outcome nobody knows. */
export function alreadyOpened(state: RequestState): SallyportError {
  const taken = usesTaken(state).at(-1);
  const members = {
    attempt: taken?.attempt,
    state: taken?.state,
    ...(taken?.sessionId === undefined ? {} : { sessionId: taken.sessionId }),
  };
  if (taken?.state === "unknown") {
    return new SallyportError(
      "outcome_unknown",
      "an earlier open may have started the command; its use is held until that is ended",
      {
        hint: "open again in two minutes: by then what it may have started was found and ended",
        members,
      },
    );
  }
  return new SallyportError(
    "session_already_opened",
    "this approval was for one session, and it is taken",
    {
      hint: "ask again with `sallyport exec`; a shell that was lost is opened anew, once, with `sallyport attach ID --replace`",
      members,
    },
  );
}
