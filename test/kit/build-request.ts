import { cedarPolicyEngine } from "../../adapters/cedar-policy-engine.ts";
import { ask } from "../../core/ask.ts";
import { actorOf, type Caller } from "../../core/caller.ts";
import type { EpochMillis } from "../../core/clock.ts";
import type { Site, Wish } from "../../core/consider.ts";
import type { DefinedContainer, Task, TaskDefinition } from "../../core/containers.ts";
import { type DecisionInput, decide } from "../../core/decide.ts";
import { sha256Hex } from "../../core/digest.ts";
import type { Directory } from "../../core/directory.ts";
import { SallyportError } from "../../core/errors.ts";
import { emptyTail, nextEvent, type StoredEvent, tailAfter } from "../../core/event.ts";
import type { EventBody } from "../../core/event-kinds.ts";
import { factsOf } from "../../core/facts.ts";
import { foldRequest } from "../../core/fold-request.ts";
import { locksOf } from "../../core/locks.ts";
import { type Opening, open } from "../../core/open.ts";
import type { Configuration } from "../../core/policy-engine.ts";
import { type RequestState } from "../../core/request-state.ts";
import { configurationOf, demoDirectory, demoTexts, target } from "../policies/demo-set.ts";

/** The instant most tests stand at. */
export const NOW: EpochMillis = Date.UTC(2026, 10, 24, 8, 20);
export const MINUTE = 60_000;

export const engine = cedarPolicyEngine();

let drawn = 0;
/** Bytes that never repeat within a process: chance is not what these tests are about. */
export const counted = (n: number): Uint8Array => {
  drawn += 1;
  const digits = sha256Hex(`draw ${drawn}`);
  return Uint8Array.from({ length: n }, (_, i) =>
    Number.parseInt(digits.slice(2 * (i % 32), 2 * (i % 32) + 2), 16),
  );
};

const decideRules = `
@id("all-approve") permit (principal, action == Sallyport::Action::"approve", resource)
when { principal.groups.containsAny(["payments-leads", "sre", "payments"]) };`;

/** A permit on exec for everybody, with the annotations given. */
export function permit(id: string, approvals: string, more = '@max_duration("1h")'): string {
  return `@id("${id}") @approvals("${approvals}") ${more}
permit (principal, action == Sallyport::Action::"exec", resource);`;
}

/** A set of these exec rules, and the right to approve for leads, sre and developers; hashed by its content. */
export function rules(
  texts: string[],
  change: { seq?: number; directory?: Directory; approve?: string } = {},
): Configuration {
  const policies = [...texts, change.approve ?? decideRules].join("\n");
  const directory = change.directory ?? demoDirectory;
  const hash = sha256Hex(JSON.stringify([policies, demoTexts.schema, directory]));
  return { ...configurationOf({ policies, directory }), seq: change.seq ?? 1, hash };
}

/** The demo's directory, with some people's groups changed or people added. */
export function directoryWith(groups: { [person: string]: string[] }): Directory {
  const known = new Set(demoDirectory.persons.map((p) => p.id));
  const added = Object.keys(groups)
    .filter((id) => !known.has(id))
    .map((id) => ({ kind: "person" as const, id, name: id, groups: [], principals: [] }));
  return {
    ...demoDirectory,
    persons: [...demoDirectory.persons, ...added].map((person) => ({
      ...person,
      groups: groups[person.id] ?? person.groups,
    })),
  };
}

export function callerOf(id: string, directory: Directory = demoDirectory): Caller {
  const known = [...directory.persons, ...directory.programs].find((one) => one.id === id);
  if (known === undefined) throw new Error(`${id} is not in the directory`);
  const { kind, name, groups } = known;
  return { kind, id, name, groups, principal: `111122223333:AIDA${id.toUpperCase()}` };
}

const resource = target("service", "demo", "payments-api");
const arn = "arn:aws:ecs:us-east-1:111122223333";

export function taskOf(n: number, change: Partial<Task> = {}): Task {
  const id = String(n).padStart(32, "0");
  return {
    taskArn: `${arn}:task/demo/${id}`,
    clusterArn: resource.clusterArn,
    taskDefinitionArn: `${arn}:task-definition/web:3`,
    lastStatus: "RUNNING",
    desiredStatus: "RUNNING",
    enableExecuteCommand: true,
    launchType: "FARGATE",
    platformVersion: "1.4.0",
    createdAt: NOW - n * 1_000,
    containers: [
      {
        name: "app",
        containerArn: `${arn}:container/demo/${id}/1`,
        runtimeId: `${id}-1`,
        lastStatus: "RUNNING",
        imageDigest: "sha256:one",
        execAgent: { lastStatus: "RUNNING" },
      },
    ],
    ...change,
  };
}

/** One that leaves nothing to be desired. */
export function definitionOf(
  container: Partial<DefinedContainer> = {},
  change: Partial<TaskDefinition> = {},
): TaskDefinition {
  return {
    taskDefinitionArn: `${arn}:task-definition/web:3`,
    family: "web",
    taskRoleArn: "arn:aws:iam::111122223333:role/web",
    tags: {},
    containers: [
      {
        name: "app",
        awslogs: true,
        initProcessEnabled: true,
        readonlyRootFilesystem: false,
        mounts: [],
        mountsOfOthers: false,
        awsKeyVariables: [],
        ...container,
      },
    ],
    ...change,
  };
}

export function siteOf(change: Partial<Site> = {}): Site {
  return {
    target: {
      place: { account: "111122223333", region: "us-east-1" },
      clusterArn: resource.clusterArn,
      clusterName: "demo",
      service: "payments-api",
      container: "app",
    },
    cluster: {
      clusterArn: resource.clusterArn,
      clusterName: "demo",
      logging: "OVERRIDE",
      logDestinations: [{ kind: "log_group", name: "/exec", mustBeEncrypted: false }],
    },
    resource,
    taskDefinitionArn: `${arn}:task-definition/web:3`,
    taskDefinition: definitionOf(),
    otherDefinitions: [],
    tasks: [taskOf(1)],
    container: "app",
    ...change,
  };
}

/** The same site, asked for by its one task. */
export function siteByTask(tasks: Task[] = [taskOf(1)]): Site {
  const site = siteOf({ tasks });
  return { ...site, target: { ...site.target, taskId: String(1).padStart(32, "0") } };
}

export function wishOf(change: Partial<Wish> & { argv?: string[] } = {}): Wish {
  const argv = change.argv ?? ["/bin/ls"];
  return {
    command: argv.join(" "),
    argv,
    facts: factsOf(argv, { ticket: false, windows: false }),
    reason: "look",
    ticket: undefined,
    durationMinutes: undefined,
    bodyHash: "0".repeat(64),
    repeat: undefined,
    ...change,
  };
}

export interface Road {
  configuration: Configuration;
  stored: StoredEvent[];
  state(): RequestState;
  add(body: EventBody, as: string, now?: EpochMillis): StoredEvent;
  decision(change?: Partial<DecisionInput>): DecisionInput;
  /** Decides and, when that appends an event, puts it on the chain. */
  decide(as: string, change?: Partial<DecisionInput>, now?: EpochMillis): ReturnType<typeof decide>;
  open(site?: Site, now?: EpochMillis): Opening;
}

/** One request's chain, walked by the product's own decisions under a real rule engine. */
export function roadOf(
  configuration: Configuration,
  asked: { as?: string; site?: Site; wish?: Wish; now?: EpochMillis } = {},
): Road {
  const requester = asked.as ?? "dev";
  const id = sha256Hex("request")
    .slice(0, 26)
    .replaceAll(/[ilou]/g, "x");
  const stored: StoredEvent[] = [];
  let tail = emptyTail(`REQ#${id}`);
  const road: Road = {
    configuration,
    stored,
    state: () => foldRequest(id, stored, []),
    add(body, as, now = NOW) {
      const { directory, seq, hash } = road.configuration;
      const event = nextEvent(tail, body, {
        actor: actorOf(callerOf(as, directory)),
        configuration: { seq, hash },
        now,
        random: counted,
      });
      tail = tailAfter(tail, event);
      stored.push(event);
      return event;
    },
    decision: (change = {}) => ({
      decision: "approve",
      digest: road.state().digest ?? "",
      comment: undefined,
      bodyHash: "1".repeat(64),
      repeat: undefined,
      ...change,
    }),
    decide(as, change, now = NOW) {
      const caller = callerOf(as, road.configuration.directory);
      const decided = decide(
        engine,
        road.configuration,
        road.state(),
        caller,
        road.decision(change),
        now,
      );
      if (decided.kind !== "repeated") road.add(decided.body, as, now);
      return decided;
    },
    open: (site = siteOf(), now = NOW) =>
      open(
        engine,
        road.configuration,
        road.state(),
        callerOf(requester, road.configuration.directory),
        site,
        locksOf(undefined, []),
        now,
      ),
  };
  const answer = ask(
    engine,
    configuration,
    callerOf(requester, configuration.directory),
    asked.site ?? siteOf(),
    asked.wish ?? wishOf(),
    asked.now ?? NOW,
  );
  road.add(answer.body, requester, asked.now);
  return road;
}

/** Puts the intent of an opening on the chain, and what came of it. */
export function attempt(
  road: Road,
  outcome: "opened" | "failed" | "unknown" | "none",
  opening: Opening = road.open(),
): void {
  road.add(opening.intent, "dev");
  const n = opening.intent.data.attempt;
  if (outcome === "opened") road.add(openedBody(opening), "dev");
  if (outcome === "failed") {
    road.add(
      { kind: "exec.failed", data: { attempt: n, code: "throttled", aws: null }, values: {} },
      "dev",
    );
  }
  if (outcome === "unknown") {
    road.add({ kind: "exec.unknown", data: { attempt: n }, values: {} }, "dev");
  }
}

function openedBody(opening: Opening): EventBody {
  const { task, container } = opening.chosen;
  return {
    kind: "session.opened",
    data: {
      attempt: opening.intent.data.attempt,
      sessionId: "ecs-execute-command-1",
      clusterArn: task.clusterArn,
      taskArn: task.taskArn,
      containerArn: container.containerArn,
      containerName: container.name,
      delivered: true,
      withheld: null,
    },
    values: {},
  };
}

/** The error a call throws; a call that does not throw fails the test. */
export function thrown(call: () => unknown): {
  code: string;
  message: string;
  hint: string;
  members: { [name: string]: unknown };
} {
  try {
    call();
  } catch (error) {
    if (error instanceof SallyportError) {
      const { code, message, details } = error;
      return { code, message, hint: details.hint ?? "", members: details.members ?? {} };
    }
    throw error;
  }
  throw new Error("nothing was thrown");
}
