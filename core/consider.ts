import { cardRule, execAlternatives } from "./alternatives.ts";
import { type Caller, principalOfCaller } from "./caller.ts";
import type { CardTarget, ExecCard } from "./card.ts";
import { keepsTranscript } from "./checks/cluster.ts";
import { failed } from "./checks/finding.ts";
import { preferredTask } from "./choose-task.ts";
import type { EpochMillis } from "./clock.ts";
import type { Cluster, Place, Task, TaskDefinition } from "./containers.ts";
import { isForEmergencies } from "./emergency-rules.ts";
import { type ErrorDetails, SallyportError } from "./errors.ts";
import type { PreflightFinding, Repeatable } from "./kinds/asked.ts";
import type { Configuration, Facts, PolicyEngine, Resource, Rule } from "./policy-engine.ts";
import { preflight, type Spot, warningsOf } from "./preflight.ts";
import { startText } from "./start-at.ts";
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
  /** Those of running tasks that are of another revision. */
  otherDefinitions: TaskDefinition[];
  /** Running tasks that may be opened: of the service, the family in no service, or the one task named. */
  tasks: Task[];
  /** The container asked for, or the only one there is. */
  container: string;
  /** What was found beyond ECS, where the deployment looks there. */
  around?: PreflightFinding[];
}

/** What of a site a decision goes by: it is on record with the decision. */
export interface Seen {
  place: Place;
  resource: Resource & { kind: "service" | "family" };
  /** With nothing pinned: what is, the rules say. */
  target: CardTarget;
  /** What they could pin, where ECS says it. */
  revision: string | null;
  image: string | null;
  findings: PreflightFinding[];
  transcript: "expected" | "none";
}

export interface Wish {
  command: string;
  argv: string[];
  facts: Facts;
  reason: string;
  ticket: string | undefined;
  durationMinutes: number | undefined;
  /** When the grant may begin at the earliest; left out, with the last approval. */
  startAt?: EpochMillis | undefined;
  /** SHA-256 of the canonical body, to know a repeat by. */
  bodyHash: string;
  repeat: Repeatable | undefined;
}

export type Considered =
  /** By the rules alone; ECS has nothing to do with it. */
  | {
      kind: "refused";
      error: SallyportError;
      target: CardTarget;
      rules: string[];
      findings: PreflightFinding[];
    }
  /** The rules allow it; whether ECS Exec could do it is in the findings. */
  | { kind: "allowed"; rules: Rule[]; card: ExecCard; findings: PreflightFinding[] };

/**
 * What the rules and ECS make of a wish, and the card that approvers would be shown. Decides nothing and
 * writes nothing: the same wish asked for and only looked at is judged by this one function.
 */
export function consider(
  policy: PolicyEngine,
  configuration: Configuration,
  caller: Caller,
  seen: Seen,
  wish: Omit<Wish, "bodyHash" | "repeat">,
): Considered {
  const { alternatives, durationMinutes } = execAlternatives(
    policy,
    configuration,
    { principal: principalOfCaller(caller), resource: seen.resource, facts: wish.facts },
    wish.durationMinutes,
  );
  const findings = [...seen.findings];
  const refused = (error: SallyportError, rules: string[]): Considered => ({
    kind: "refused",
    error,
    target: seen.target,
    rules,
    findings,
  });
  if (alternatives.kind === "none") {
    const { why, rules } = alternatives.verdict;
    return refused(refusedByRule(why, rules), rules);
  }
  if (alternatives.kind === "too_long") {
    const error = new SallyportError(
      "refused_by_rule",
      `no rule allows this for ${durationMinutes} minutes`,
      { hint: `ask for ${alternatives.longestMinutes} minutes or less` },
    );
    return refused(error, alternatives.rules);
  }
  const { rules } = alternatives;
  const target = pinned(seen, rules);
  if (rules.some((rule) => rule.pin === "image") && target.pinnedImage === null) {
    findings.push(
      failed(
        IMAGE_DIGEST,
        "a rule pins the image, and ECS does not say which image runs there; wait until the task has started",
      ),
    );
  }
  const card: ExecCard = {
    v: 1,
    kind: "exec",
    ...(rules.some(isForEmergencies) ? { breakGlass: true } : {}),
    requester: { person: caller.id, name: caller.name },
    command: wish.command,
    argv: wish.argv,
    opensShell: wish.facts.shell,
    runsAs: "root",
    target,
    durationMinutes,
    sessions: Math.min(...rules.map((rule) => rule.maxSessions)),
    start: startText(wish.startAt),
    reason: wish.reason,
    ticket: wish.ticket ?? null,
    rules: rules.map(cardRule),
    warnings: warningsOf(findings),
    transcript: seen.transcript,
  };
  return { kind: "allowed", rules, card, findings };
}

/** The one check that is of the rules: whether what one of them pins can be pinned. */
export const IMAGE_DIGEST = "image_digest";

/** What a decision goes by there: of the task that would be opened now. */
export function seenOf(site: Site): Seen {
  const task = preferredTask(site.tasks, site.container);
  const container = task?.containers.find((c) => c.name === site.container);
  const byTask = site.target.taskId !== undefined;
  return {
    place: site.target.place,
    resource: site.resource,
    target: {
      kind: byTask ? "task" : site.resource.kind,
      clusterArn: site.cluster.clusterArn,
      serviceArn: site.resource.kind === "service" ? site.resource.id : null,
      family:
        site.taskDefinitionArn === undefined
          ? site.resource.name
          : familyOf(site.taskDefinitionArn),
      container: site.container,
      taskArn: byTask ? (task?.taskArn ?? null) : null,
      runtimeId: byTask ? (container?.runtimeId ?? null) : null,
      pinnedRevision: null,
      pinnedImage: null,
    },
    revision: site.taskDefinitionArn ?? null,
    image: container?.imageDigest ?? null,
    findings: [...preflight(spotOf(site, task, site.container)), ...(site.around ?? [])],
    transcript: transcriptOf(site, task),
  };
}

function pinned({ target, revision, image }: Seen, rules: Rule[]): CardTarget {
  return {
    ...target,
    pinnedRevision: rules.some((rule) => rule.pin === "revision") ? revision : null,
    pinnedImage: rules.some((rule) => rule.pin === "image") ? image : null,
  };
}

/** What preflight looks at for one task of a site. */
export function spotOf(site: Site, task: Task | undefined, container: string): Spot {
  const { cluster, taskDefinition, otherDefinitions } = site;
  const definitions = taskDefinition === undefined ? [] : [taskDefinition];
  return { cluster, task, container, definitions: [...definitions, ...otherDefinitions] };
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
  const checks = findings.map((f) => f.check).join(", ");
  return new SallyportError("preflight_failed", `ECS Exec would fail there: ${checks}`, {
    hint: findings[0]?.remedy ?? "",
    members: { problems: findings.map(({ check, remedy }) => ({ check, remedy })) },
  });
}

/** Of the task that would be opened now, or where none runs, of one that would be started now. */
function transcriptOf(site: Site, task: Task | undefined): "expected" | "none" {
  const { definitions, container } = spotOf(site, task, site.container);
  const arn = task?.taskDefinitionArn ?? site.taskDefinitionArn;
  const definition = definitions.find((d) => d.taskDefinitionArn === arn);
  return keepsTranscript(site.cluster, definition, container) === true ? "expected" : "none";
}
