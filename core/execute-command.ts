import type { EpochMillis } from "./clock.ts";
import type { Place } from "./containers.ts";

/** Exactly what goes into ExecuteCommand. `command` is sent as it was approved, byte for byte. */
export interface ExecInput {
  clusterArn: string;
  taskArn: string;
  container: string;
  command: string;
}

/** ECS's answer, member by member as ECS names them. `session.tokenValue` is a secret. */
export interface ExecResponse {
  clusterArn: string;
  containerArn: string;
  containerName: string;
  interactive: boolean;
  session: { sessionId: string; streamUrl: string; tokenValue: string };
  taskArn: string;
}

/** A failure that proves nothing was started. `aws` keeps AWS's own name and text. */
export type ExecFailureCode =
  | "aws_denied_gateway"
  | "aws_client_error"
  | "aws_invalid_parameter"
  | "cluster_not_found"
  | "target_not_connected"
  | "exec_not_enabled"
  | "throttled"
  | "gateway_credentials";

export type ExecOutcome =
  | { kind: "opened"; response: ExecResponse }
  | { kind: "failed"; code: ExecFailureCode; aws: { error: string; message: string } }
  /**
   * A command may be running: a 5xx, a reset, a time-out, an unreadable or an unknown answer. `aws` where
   * AWS did answer with an error; `mismatch` where it answered a success without a session.
   */
  | {
      kind: "unknown";
      why: string;
      aws?: { error: string; message: string };
      mismatch?: true;
    };

/** Who and what the exec role is assumed for: session tags, names and the session policy say all of it. */
export interface ExecGrant {
  place: Place;
  clusterArn: string;
  taskArn: string;
  container: string;
  /** `req-<request id>.<attempt>` */
  roleSessionName: string;
  /** The person id. */
  sourceIdentity: string;
  /** ExecuteCommand is allowed until then (epoch ms), by the session policy. */
  notAfter: number;
}

/** Credentials of the exec role for one container, held in memory only. */
export interface ExecRole {
  /**
   * Sends ExecuteCommand once: one wire attempt, no retry, ended at `deadlineMs` (epoch ms) at the latest.
   * Never throws for what AWS answers: every answer is an outcome.
   */
  executeCommand(input: ExecInput, deadlineMs: number): Promise<ExecOutcome>;
}

export interface ExecRoles {
  /**
   * Assumes `sallyport-exec` for one container. Nothing has been started when this throws.
   * Throws `throttled` or `gateway_credentials`.
   */
  assume(grant: ExecGrant): Promise<ExecRole>;
}

/** A session as SSM tells of it. */
export interface SeenSession {
  sessionId: string;
  /** `ecs:<cluster>_<task id>_<runtime id>` */
  target: string;
  /** SSM's own word: Connecting, Connected, Disconnected, Terminating, Terminated or Failed. */
  status?: string;
  /** Whether SSM counts it as over: Terminated or Failed. */
  over: boolean;
  /** Epoch ms; null where SSM does not say. */
  begunAt: EpochMillis | null;
  endedAt: EpochMillis | null;
}

export interface SessionWatch {
  /** What SSM knows of one session, going on or over; undefined where it knows none. Throws what AWS answers. */
  seen(place: Place, sessionId: string): Promise<SeenSession | undefined>;
  /** ECS Exec's sessions that go on: all, or those of one target. Throws what AWS answers. */
  goingOn(place: Place, target?: string): Promise<SeenSession[]>;
  /** ECS Exec's sessions that are over, of those begun after an instant. Throws what AWS answers. */
  over(place: Place, begunAfter: EpochMillis): Promise<SeenSession[]>;
}

export interface TaskStopper {
  /**
   * Asks ECS to stop a task, under a session policy that names this task alone. `accepted` says that ECS took
   * the call, not that the task has stopped. Never throws.
   */
  stop(place: Place, clusterArn: string, taskArn: string): Promise<"accepted" | "failed">;
}

export interface SessionEnder {
  /**
   * Asks SSM to end a session, under a session policy that names this session alone. SSM answers success
   * for any id, so `accepted` says that SSM took the call, not that the process is gone. Never throws.
   */
  terminate(place: Place, sessionId: string): Promise<"accepted" | "failed">;
}
