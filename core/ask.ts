import { cardRule, execAlternatives, ruleOnRecord } from "./alternatives.ts";
import { type Caller, principalOfCaller } from "./caller.ts";
import { type CardTarget, cardDigest, type ExecCard } from "./card.ts";
import { preferredTask } from "./choose-task.ts";
import type { EpochMillis } from "./clock.ts";
import type { Cluster, Task, TaskDefinition } from "./containers.ts";
import { type ErrorDetails, SallyportError } from "./errors.ts";
import type { EventBody, PreflightFinding, Repeatable } from "./event-kinds.ts";
import type { Configuration, Facts, PolicyEngine, Resource, Rule } from "./policy-engine.ts";
import { blocking, preflight } from "./preflight.ts";
import { familyOf, type TargetName } from "./target.ts";

/** Everything ECS said about a target, as far as a decision uses it. */
export interface Site {
  target: TargetName;
  cluster: Cluster;
  /** What the rules judge: the service, or the family of a task in no service. */
  resource: Resource & { kind: "service" | "family" };
  /** The definition the service is at, or the task's; for the family, its newest task's. */
  taskDefinitionArn: string | undefined;
  taskDefinition: TaskDefinition | undefined;
  /** Running tasks that may be opened: of the service, the family in no service, or the one task named. */
  tasks: Task[];
  /** The container asked for, or the only one there is. */
  container: string;
}

export interface Wish {
  command: string;
  argv: string[];
  facts: Facts;
  reason: string;
  ticket: string | undefined;
  durationMinutes: number | undefined;
  /** SHA-256 of the canonical body, to know a repeat by. */
  bodyHash: string;
  repeat: Repeatable | undefined;
}

export type Asked =
  | { kind: "asked"; body: EventBody & { kind: "request.asked" } }
  /** On record all the same, and then told to the caller as this error. */
  | { kind: "refused"; body: EventBody & { kind: "request.refused" }; error: SallyportError };

/**
 * Decides whether a request may be asked at all, and makes its card. Nothing is asked of anybody that the
 * rules do not permit or that ECS Exec could not do.
 */
export function ask(
  policy: PolicyEngine,
  configuration: Configuration,
  caller: Caller,
  site: Site,
  wish: Wish,
  now: EpochMillis,
): Asked {
  const requester = { person: caller.id, name: caller.name };
  const task = preferredTask(site.tasks, site.container);
  const { alternatives, durationMinutes } = execAlternatives(
    policy,
    configuration,
    { principal: principalOfCaller(caller), resource: site.resource, facts: wish.facts },
    wish.durationMinutes,
  );
  const findings = preflight(site.cluster, task, site.container);

  const refuse = (error: SallyportError, target: CardTarget, rules: string[]): Asked => ({
    kind: "refused",
    error,
    body: {
      kind: "request.refused",
      data: {
        requester,
        resource: site.resource,
        target,
        code: error.code,
        rules,
        preflight: findings,
        ...(wish.repeat === undefined ? {} : { repeat: wish.repeat }),
      },
      values: {
        command: wish.command,
        argv: wish.argv,
        facts: wish.facts,
        reason: wish.reason,
        ...(wish.ticket === undefined ? {} : { ticket: wish.ticket }),
        detail: error.message,
        body: wish.bodyHash,
      },
    },
  });

  if (alternatives.kind === "none") {
    const { verdict } = alternatives;
    return refuse(
      refusedByRule(verdict.why, verdict.rules),
      cardTarget(site, task, []),
      verdict.rules,
    );
  }
  if (alternatives.kind === "too_long") {
    const error = new SallyportError(
      "refused_by_rule",
      `no rule allows this for ${durationMinutes} minutes`,
      { hint: `ask for ${alternatives.longestMinutes} minutes or less` },
    );
    return refuse(error, cardTarget(site, task, []), alternatives.rules);
  }
  const { rules } = alternatives;
  const target = cardTarget(site, task, rules);
  if (rules.some((rule) => rule.pin === "image") && target.pinnedImage === null) {
    findings.push({
      check: "image_digest",
      status: "failed",
      remedy:
        "a rule pins the image, and ECS does not say which image runs there; wait until the task has started",
    });
  }
  const red = blocking(findings);
  if (red.length > 0)
    return refuse(
      preflightFailed(red),
      target,
      rules.map((rule) => rule.id),
    );

  const card: ExecCard = {
    v: 1,
    kind: "exec",
    requester,
    command: wish.command,
    argv: wish.argv,
    opensShell: wish.facts.shell,
    runsAs: "root",
    target,
    durationMinutes,
    sessions: Math.min(...rules.map((rule) => rule.maxSessions)),
    start: "when the last approval is given",
    reason: wish.reason,
    ticket: wish.ticket ?? null,
    rules: rules.map(cardRule),
    warnings: findings.filter((f) => f.status === "warning").map((f) => `${f.check}: ${f.remedy}`),
    transcript: transcriptOf(site),
  };
  const automatic = rules.filter((rule) => rule.needs.length === 0).map((rule) => rule.id);
  return {
    kind: "asked",
    body: {
      kind: "request.asked",
      data: {
        requester,
        place: site.target.place,
        resource: site.resource,
        target,
        durationMinutes,
        // Where rules differ, the shortest wait: a request never outlives what one of them allows.
        lapsesAt: now + Math.min(...rules.map((rule) => rule.requestTtlSeconds)) * 1_000,
        rules: rules.map(ruleOnRecord),
        automatic,
        expiresAt: automatic.length > 0 ? now + durationMinutes * 60_000 : null,
        preflight: findings,
        transcript: card.transcript,
        ...(wish.repeat === undefined ? {} : { repeat: wish.repeat }),
      },
      values: {
        command: wish.command,
        argv: wish.argv,
        facts: wish.facts,
        reason: wish.reason,
        ...(wish.ticket === undefined ? {} : { ticket: wish.ticket }),
        card,
        digest: cardDigest(card),
        body: wish.bodyHash,
      },
    },
  };
}

/** The error for a deny: which rules spoke, and nothing about rules that might have. */
export function refusedByRule(
  why: "no_permit" | "forbid" | "error",
  rules: string[],
): SallyportError {
  const details: ErrorDetails = {
    hint:
      why === "error"
        ? "a rule could not be evaluated, which is a no; tell those who keep the rules"
        : "ask those who keep the rules; `sallyport targets` lists where you may ask",
    members: { rules },
  };
  const message = {
    no_permit: "no rule permits this command there",
    forbid: `a rule forbids it: ${rules.join(", ")}`,
    error: "a rule could not be evaluated",
  }[why];
  return new SallyportError("refused_by_rule", message, details);
}

export function preflightFailed(findings: PreflightFinding[]): SallyportError {
  return new SallyportError("preflight_failed", findings.map((f) => f.check).join(", "), {
    hint: findings[0]?.remedy ?? "",
    members: { problems: findings.map(({ check, remedy }) => ({ check, remedy })) },
  });
}

function cardTarget(site: Site, task: Task | undefined, rules: Rule[]): CardTarget {
  const byTask = site.target.taskId !== undefined;
  const container = task?.containers.find((c) => c.name === site.container);
  const pinRevision = rules.some((rule) => rule.pin === "revision");
  const pinImage = rules.some((rule) => rule.pin === "image");
  return {
    kind: byTask ? "task" : site.resource.kind,
    clusterArn: site.cluster.clusterArn,
    serviceArn: site.resource.kind === "service" ? site.resource.id : null,
    family:
      site.taskDefinitionArn === undefined ? site.resource.name : familyOf(site.taskDefinitionArn),
    container: site.container,
    taskArn: byTask ? (task?.taskArn ?? null) : null,
    runtimeId: byTask ? (container?.runtimeId ?? null) : null,
    pinnedRevision: pinRevision ? (site.taskDefinitionArn ?? null) : null,
    pinnedImage: pinImage ? (container?.imageDigest ?? null) : null,
  };
}

/** OVERRIDE names a destination; DEFAULT writes where the container's awslogs go, if they go anywhere. */
function transcriptOf(site: Site): "expected" | "none" {
  if (site.cluster.logging === "OVERRIDE") return "expected";
  const container = site.taskDefinition?.containers.find((c) => c.name === site.container);
  return site.cluster.logging === "DEFAULT" && container?.awslogs === true ? "expected" : "none";
}
