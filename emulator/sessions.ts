import { createHash, timingSafeEqual } from "node:crypto";
import { join } from "node:path";
import { AwsError } from "./aws-error.ts";
import { startCommand } from "./container.ts";
import { base32 } from "./credentials.ts";
import type { Container, Task } from "./fleet.ts";
import { type AgentChannel, createChannel } from "./message-gateway/channel.ts";
import type { PtyProcess } from "./pty.ts";
import type { Reaper } from "./reaper.ts";

/** One session of ExecuteCommand: its process, and the channel a client attaches to. */
export interface ExecSession {
  readonly id: string;
  /** `ecs:<cluster>_<task id>_<runtime id>` */
  readonly target: string;
  readonly owner: string;
  readonly taskArn: string;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  endedAt?: number;
  /** Connecting until a client has joined it; Disconnected when that has gone. */
  status: "Connecting" | "Connected" | "Disconnected" | "Terminating" | "Terminated";
  readonly channel: AgentChannel;
}

export interface SessionCredentials {
  id: string;
  token: string;
  streamUrl: string;
}

export interface SessionTable {
  /** Starts the command now, whether or not anybody will attach. */
  start(clusterName: string, task: Task, container: Container, command: string): SessionCredentials;
  get(id: string): ExecSession | undefined;
  /** Oldest first. */
  list(): ExecSession[];
  /** Uses a token up: its client has joined. Undefined where it is not this session's, or has been used. */
  redeem(id: string, token: string): ExecSession | undefined;
  /** Its client has gone, and may come back. */
  left(id: string): void;
  /** Kills the one process; the client learns of the end with an empty reason. Unknown ids: nothing. */
  terminate(id: string): void;
  /** The task is gone, and everything in it: nobody is left to tell the client so. */
  endTask(task: Task): void;
  /** Kills every process: nothing may run that nobody would end. */
  killAll(): void;
}

export interface SessionTableOptions {
  account: string;
  /** Holds one folder per container. */
  root: string;
  reaper: () => Reaper;
  /** Without a slash at its end. */
  gatewayUrl: () => string;
  handshake: boolean;
  now: () => number;
  random: (n: number) => Uint8Array;
}

interface Entry extends ExecSession {
  process?: PtyProcess;
  token?: string;
}

/** Sessions that have ended are remembered, as SSM does for 30 days, but not without end. */
const MAX_REMEMBERED = 1_000;

export function createSessionTable(options: SessionTableOptions): SessionTable {
  const { now, random } = options;
  const sessions = new Map<string, Entry>();

  const ended = (session: Entry): void => {
    session.status = "Terminated";
    session.endedAt ??= now();
    delete session.process;
  };

  const terminate = (session: Entry, text: string): void => {
    if (session.process !== undefined) {
      session.status = "Terminating";
      session.process.kill();
    }
    session.channel.finish(text); // the exit brings a reason too, but the first one given stays
  };

  const start = (task: Task, container: Container, target: string, command: string): Entry => {
    const id = `ecs-execute-command-${base32(random(26))}`;
    const channel = createChannel({
      sessionId: id,
      target,
      handshake: options.handshake,
      now,
      random,
      ready: () => session.process?.ready() ?? true,
      input: (bytes) => session.process?.write(bytes),
      resize: (cols, rows) => session.process?.resize(cols, rows),
      congested: () => session.process?.pause(),
      flowing: () => session.process?.resume(),
      failed: (why) =>
        terminate(
          session,
          `\n----------ERROR-------\nEncountered error while initiating handshake. ${why}\n\n`,
        ),
    });
    const session: Entry = {
      id,
      target,
      owner: `arn:aws:sts::${options.account}:assumed-role/AWSServiceRoleForECS/ecs-execute-command`,
      taskArn: task.arn,
      startedAt: now(),
      status: "Connecting",
      channel,
      token: Buffer.from(random(96)).toString("base64url"),
    };
    const started = startCommand({
      command,
      home: join(options.root, container.runtimeId),
      environment: container.environment,
      onOutput: (bytes) => channel.output(bytes),
      onExit: () => {
        if (session.process !== undefined) options.reaper().remove(session.process.pid);
        ended(session);
        channel.finish("");
      },
    });
    if (started.kind === "running") {
      session.process = started.process;
      // If we are killed before this line has left, the reaper still finds the process by its HOME.
      options.reaper().add(started.process.pid);
    } else {
      ended(session);
      channel.finish(started.text);
    }
    return session;
  };

  const forgetOldest = (): void => {
    for (const [id, { status }] of sessions) {
      if (sessions.size <= MAX_REMEMBERED) return;
      if (status === "Terminated") sessions.delete(id);
    }
  };

  return {
    start(clusterName, task, container, command) {
      if (!options.reaper().watching) {
        throw new AwsError("ServerException", "The emulator can start no more commands.", 500);
      }
      const target = `ecs:${clusterName}_${task.id}_${container.runtimeId}`;
      const session = start(task, container, target, command);
      sessions.set(session.id, session);
      forgetOldest();
      return {
        id: session.id,
        token: session.token ?? "",
        streamUrl: `${options.gatewayUrl()}/v1/data-channel/${session.id}?role=publish_subscribe`,
      };
    },
    get: (id) => sessions.get(id),
    list: () => [...sessions.values()],
    redeem(id, token) {
      const session = sessions.get(id);
      if (session?.token === undefined || !sameText(session.token, token)) return undefined;
      delete session.token;
      if (session.status === "Connecting") session.status = "Connected";
      return session;
    },
    left(id) {
      const session = sessions.get(id);
      if (session?.status === "Connected") session.status = "Disconnected";
    },
    terminate(id) {
      const session = sessions.get(id);
      if (session !== undefined) terminate(session, "");
    },
    endTask(task) {
      const pids: number[] = [];
      for (const session of sessions.values()) {
        if (session.taskArn !== task.arn || session.process === undefined) continue;
        session.channel.pause();
        session.channel.detach();
        session.process.kill();
        pids.push(session.process.pid);
      }
      for (const { runtimeId } of task.containers) {
        options.reaper().endContainer(join(options.root, runtimeId), pids);
      }
    },
    killAll() {
      for (const { process } of sessions.values()) process?.kill();
    },
  };
}

function sameText(a: string, b: string): boolean {
  const digest = (text: string): Uint8Array => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
