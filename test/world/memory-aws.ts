import type { Clock, EpochMillis, Random } from "../../core/clock.ts";
import type { Containers, Task } from "../../core/containers.ts";
import { bytesToHex } from "../../core/digest.ts";
import type {
  ExecFailureCode,
  ExecGrant,
  ExecInput,
  ExecOutcome,
  ExecRoles,
  SeenSession,
  SessionEnder,
  SessionWatch,
} from "../../core/execute-command.ts";
import { taskIdOf } from "../../core/target.ts";
import { demoFleet, type Fleet, startTask } from "./fleet.ts";
import type { WireCall } from "./journal.ts";

/** A session as SSM and its container know it. */
export interface MemorySession {
  sessionId: string;
  target: string;
  taskArn: string;
  container: string;
  command: string;
  tokenValue: string;
  roleSessionName: string;
  startedAt: EpochMillis;
  /** When its process is dead, and SSM says so; undefined while nobody has ended it. */
  endsAt: EpochMillis | undefined;
}

/** AWS's edge: what ECS, STS and SSM answer, and what is true in the containers behind them. */
export interface MemoryAws {
  containers: Containers;
  execRoles: ExecRoles;
  sessionEnder: SessionEnder;
  sessionWatch: SessionWatch;
  fleet: Fleet;
  sessions: MemorySession[];
  /** Sessions whose process runs now. */
  running(): MemorySession[];
  /** TerminateSession answers success and ends nothing. */
  lies: boolean;
  /** The command exits, or its client lets it idle. */
  exits(sessionId: string): void;
  stopTask(taskArn: string): void;
  /** The tasks of a service stop, and as many new ones run. */
  redeploy(service: string): void;
}

/** How long it takes from TerminateSession until the process is dead. */
const ENDING_MS = 300;

/** `wire` is told of each call the moment it reaches AWS. */
export function memoryAws(
  clock: Pick<Clock, "now">,
  random: Random,
  wire: (call: WireCall) => void,
): MemoryAws {
  const fleet = demoFleet(clock.now(), random);
  const sessions: MemorySession[] = [];
  const isOver = ({ endsAt }: MemorySession): boolean =>
    endsAt !== undefined && clock.now() >= endsAt;

  const seen = (session: MemorySession): SeenSession => ({
    sessionId: session.sessionId,
    target: session.target,
    over: isOver(session),
    begunAt: session.startedAt,
    endedAt: isOver(session) ? (session.endsAt ?? null) : null,
  });

  function execute(grant: ExecGrant, input: ExecInput): ExecOutcome {
    const { roleSessionName } = grant;
    const { taskArn, container, command } = input;
    const call: WireCall = {
      operation: "ExecuteCommand",
      taskArn,
      container,
      command,
      roleSessionName,
    };
    wire(call);
    if (
      input.clusterArn !== grant.clusterArn ||
      taskArn !== grant.taskArn ||
      container !== grant.container ||
      clock.now() >= grant.notAfter
    ) {
      return failed("aws_denied_gateway", "AccessDeniedException", "not authorized to perform");
    }
    const task = fleet.tasks.find((one) => one.taskArn === taskArn);
    const its = task?.containers.find(({ name }) => name === container);
    if (task === undefined || its === undefined || task.lastStatus !== "RUNNING") {
      return failed(
        "aws_invalid_parameter",
        "InvalidParameterException",
        "The referenced task is not running.",
      );
    }
    if (its.execAgent?.lastStatus !== "RUNNING") {
      return failed(
        "target_not_connected",
        "TargetNotConnectedException",
        "The execute command failed due to an internal error. Try again later.",
      );
    }
    const sessionId = `ecs-execute-command-${bytesToHex(random(9)).slice(0, 17)}`;
    const session: MemorySession = {
      sessionId,
      target: targetOf(task, its.runtimeId ?? ""),
      taskArn,
      container,
      command,
      tokenValue: Buffer.from(random(96)).toString("base64url"),
      roleSessionName,
      startedAt: clock.now(),
      endsAt: undefined,
    };
    sessions.push(session);
    call.sessionId = sessionId;
    return {
      kind: "opened",
      response: {
        clusterArn: task.clusterArn,
        containerArn: its.containerArn,
        containerName: container,
        interactive: true,
        session: {
          sessionId,
          streamUrl: `wss://ssmmessages.us-east-1.amazonaws.com/v1/data-channel/${sessionId}?role=publish_subscribe`,
          tokenValue: session.tokenValue,
        },
        taskArn,
      },
    };
  }

  const end = (session: MemorySession, afterMs: number): void => {
    session.endsAt ??= clock.now() + afterMs;
  };

  const aws: MemoryAws = {
    fleet,
    sessions,
    lies: false,
    running: () => sessions.filter((session) => !isOver(session)),
    containers: memoryContainers(fleet, wire),
    execRoles: {
      async assume(grant) {
        const { taskArn, container, roleSessionName } = grant;
        wire({ operation: "AssumeRole", taskArn, container, roleSessionName });
        return { executeCommand: async (input) => execute(grant, input) };
      },
    },
    sessionEnder: {
      async terminate(_, sessionId) {
        wire({ operation: "TerminateSession", sessionId });
        const session = sessions.find((one) => one.sessionId === sessionId);
        if (session !== undefined && !aws.lies) end(session, ENDING_MS);
        return "accepted";
      },
    },
    sessionWatch: {
      async seen(_, sessionId) {
        wire({ operation: "DescribeSessions", sessionId });
        const session = sessions.find((one) => one.sessionId === sessionId);
        return session === undefined ? undefined : seen(session);
      },
      async goingOn(_, target) {
        wire({ operation: "DescribeSessions" });
        return sessions
          .filter((one) => !isOver(one) && (target === undefined || one.target === target))
          .map(seen);
      },
      async over(_, begunAfter) {
        wire({ operation: "DescribeSessions" });
        return sessions.filter((one) => isOver(one) && one.startedAt > begunAfter).map(seen);
      },
    },
    exits(sessionId) {
      const session = sessions.find((one) => one.sessionId === sessionId);
      if (session !== undefined) end(session, 0);
    },
    stopTask(taskArn) {
      const task = fleet.tasks.find((one) => one.taskArn === taskArn);
      if (task === undefined) throw new Error(`no task ${taskArn}`);
      Object.assign(task, { lastStatus: "STOPPED", desiredStatus: "STOPPED" });
      for (const session of sessions) if (session.taskArn === taskArn) end(session, 0);
    },
    redeploy(service) {
      const old = fleet.tasks.filter(
        (task) => task.service === service && task.lastStatus === "RUNNING",
      );
      for (const task of old) {
        startTask(fleet, service, clock.now(), random);
        aws.stopTask(task.taskArn);
      }
    },
  };
  return aws;
}

function targetOf(task: Task, runtimeId: string): string {
  const [, cluster = ""] = task.clusterArn.split("cluster/");
  return `ecs:${cluster}_${taskIdOf(task.taskArn)}_${runtimeId}`;
}

function failed(code: ExecFailureCode, error: string, message: string): ExecOutcome {
  return { kind: "failed", code, aws: { error, message } };
}

function memoryContainers(fleet: Fleet, wire: (call: WireCall) => void): Containers {
  const read = <T>(operation: string, answer: T): T => {
    wire({ operation });
    // What was answered does not change with the fleet.
    return structuredClone(answer);
  };
  return {
    describeCluster: async (_, cluster) =>
      read(
        "DescribeClusters",
        fleet.clusters.find((one) => one.clusterArn === cluster),
      ),
    describeService: async (_, cluster, service) =>
      read(
        "DescribeServices",
        fleet.services.find((one) => one.clusterArn === cluster && one.serviceName === service),
      ),
    listServices: async (_, cluster, limit) =>
      read(
        "ListServices",
        fleet.services.filter((one) => one.clusterArn === cluster).slice(0, limit),
      ),
    listTasks: async (_, cluster, of) =>
      read(
        "ListTasks",
        fleet.tasks
          .filter((task) => task.clusterArn === cluster && task.desiredStatus === "RUNNING")
          .filter((task) =>
            "service" in of
              ? task.service === of.service
              : !("family" in of) || task.taskDefinitionArn.includes(`/${of.family}:`),
          )
          .map(({ taskArn }) => taskArn),
      ),
    describeTasks: async (_, cluster, tasks) =>
      read(
        "DescribeTasks",
        fleet.tasks.filter(
          ({ taskArn, clusterArn }) =>
            clusterArn === cluster &&
            (tasks.includes(taskArn) || tasks.includes(taskIdOf(taskArn))),
        ),
      ),
    describeTaskDefinition: async (_, arn) =>
      read(
        "DescribeTaskDefinition",
        fleet.definitions.find((one) => one.taskDefinitionArn === arn || one.family === arn),
      ),
  };
}
