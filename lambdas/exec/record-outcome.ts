import type { Caller } from "../../core/caller.ts";
import { SallyportError } from "../../core/errors.ts";
import { nextEvent } from "../../core/event.ts";
import type { EventBody } from "../../core/event-kinds.ts";
import type {
  ExecFailureCode,
  ExecInput,
  ExecOutcome,
  ExecResponse,
} from "../../core/execute-command.ts";
import { lockableOf } from "../../core/locked.ts";
import { LOCK, type Lock, type Locks, lockOn } from "../../core/locks.ts";
import type { Opening } from "../../core/open.ts";
import { type RequestState } from "../../core/request-state.ts";
import { illegal } from "../../core/transitions.ts";
import type { Activated } from "../activated.ts";
import type { Call } from "../call.ts";
import { circumstancesOf } from "../circumstances.ts";
import { commit } from "../commit.ts";
import { givingBack } from "../holds.ts";
import { loadRequest } from "../load-request.ts";
import { loadLocks } from "../locks.ts";
import type { ExecPorts } from "../ports.ts";
import { type DiagnosedFailure, diagnoseFailure } from "./diagnose-failure.ts";
import { execFailed } from "./exec-failed.ts";

type Withheld = Extract<EventBody, { kind: "session.opened" }>["data"]["withheld"];
type Outcome = ExecOutcome | { kind: "late" };

interface Attempted {
  configuration: Activated;
  /** As they were with the intent. */
  locks: Locks;
  caller: Caller;
  /** As it was with the intent, and in most cases still is. */
  state: RequestState;
  opening: Opening;
}

/** Kept free of diagnosing, to put the failure on record. */
const APPEND_MS = 2_000;

/**
 * Puts on record what came of an attempt, and returns ECS's answer only when its credentials may be handed
 * over: the session is on record as delivered, and it is what was asked for.
 *
 * If a revoke, a cancel, a lock or the end of the grant came first, or ECS opened something else, the session goes
 * on record as withheld and its end is asked for. If nothing can be recorded at all, its end is asked for and
 * nothing is returned.
 */
export async function recordOutcome(
  ports: ExecPorts,
  call: Call,
  attempted: Attempted,
  input: ExecInput,
  outcome: Outcome,
): Promise<ExecResponse> {
  const { attempt } = attempted.opening.intent.data;
  const requestId = attempted.state.id;
  switch (outcome.kind) {
    case "late":
      await append(ports, call, attempted, {
        kind: "exec.failed",
        data: { attempt, code: "record_conflict", aws: null },
        values: { detail: "it took too long to get here: ExecuteCommand was not sent" },
      });
      throw new SallyportError(
        "record_conflict",
        "it took too long to get here, and nothing was sent",
        {
          hint: "the approval still stands: open again",
          retryAfterSeconds: 1,
        },
      );
    case "failed": {
      const diagnosed = await diagnosedFailure(ports, call, attempted, outcome.code);
      const code = diagnosed?.code ?? outcome.code;
      await append(ports, call, attempted, {
        kind: "exec.failed",
        data: { attempt, code, aws: outcome.aws.error },
        values: { detail: outcome.aws.message },
      });
      const error = execFailed(code, outcome.aws, diagnosed);
      // Whoever operates the gateway has to see it, though the answer blames nothing of theirs.
      if (code === "aws_denied_gateway") {
        ports.log.error("AWS refused the gateway's role", { code, attempt, requestId }, error);
      }
      throw error;
    }
    case "unknown":
      await append(ports, call, attempted, {
        kind: "exec.unknown",
        data: { attempt },
        values: { detail: outcome.why },
      });
      throw outcome.mismatch === true
        ? new SallyportError("exec_response_mismatch", "ECS answered a session without its id", {
            hint: "its use stays held and nothing could be ended, for ECS named nothing to end: look into the container, and tell whoever operates the gateway",
            members: { attempt },
          })
        : new SallyportError("outcome_unknown", "AWS did not say whether the command started", {
            hint: "the command may be running, and is found and ended within two minutes; then open again: the approval still stands",
            members: { attempt },
            ...(outcome.aws === undefined ? {} : { aws: outcome.aws }),
          });
    case "opened":
      return await opened(ports, call, attempted, input, outcome.response);
  }
}

async function diagnosedFailure(
  ports: ExecPorts,
  call: Call,
  { state, opening }: Attempted,
  code: ExecFailureCode,
): Promise<DiagnosedFailure | undefined> {
  const place = state.exec?.place;
  if (place === undefined) return undefined;
  const { task, container } = opening.chosen;
  return await diagnoseFailure(ports, call.deadline - APPEND_MS, {
    code,
    place,
    task,
    container: container.name,
  });
}

async function opened(
  ports: ExecPorts,
  call: Call,
  attempted: Attempted,
  input: ExecInput,
  response: ExecResponse,
): Promise<ExecResponse> {
  const asked =
    response.taskArn === input.taskArn &&
    response.containerName === input.container &&
    response.clusterArn === input.clusterArn &&
    response.containerArn === attempted.opening.chosen.container.containerArn &&
    response.session.streamUrl !== "" &&
    response.session.tokenValue !== "";
  const place = attempted.state.exec?.place;
  const end = async (): Promise<void> => {
    if (place === undefined) return;
    const taken = await ports.sessionEnder.terminate(place, response.session.sessionId);
    ports.log.info(
      taken === "accepted" ? "session end asked for" : "session end could not be asked for",
      {
        sessionId: response.session.sessionId,
        requestId: attempted.state.id,
      },
    );
  };
  let withheld: Withheld;
  try {
    withheld = await append(ports, call, attempted, {
      kind: "session.opened",
      data: {
        attempt: attempted.opening.intent.data.attempt,
        sessionId: response.session.sessionId,
        clusterArn: response.clusterArn,
        taskArn: response.taskArn,
        containerArn: response.containerArn,
        containerName: response.containerName,
        delivered: asked,
        withheld: asked ? null : "response_mismatch",
      },
      values: {},
    });
  } catch (error) {
    // A session that cannot be recorded is not handed over; whether its end succeeds or not.
    await end();
    throw error;
  }
  if (withheld === null) return response;
  await end();
  if (withheld === "locked") {
    throw new SallyportError("locked", "it was locked while its session was being opened", {
      hint: "the session's end was asked for, and its credentials were not handed over",
    });
  }
  throw withheld === "response_mismatch"
    ? new SallyportError(
        "exec_response_mismatch",
        "ECS opened something other than what was approved",
        {
          hint: "the session's end was asked for; tell whoever operates the gateway",
        },
      )
    : new SallyportError(
        "request_closed",
        "the request was stopped, or its time was over, while its session was being opened",
        {
          hint: "the session's end was asked for, and its credentials were not handed over",
        },
      );
}

/**
 * Appends an outcome at the next free number. When the request was closed in the meantime, or its requester or
 * target locked, a session goes on record as not delivered: that it lost the race for its number, or the fence on
 * the locks, is how we know, or the clock. Returns why it is withheld.
 */
async function append(
  ports: ExecPorts,
  call: Call,
  attempted: Attempted,
  body: EventBody & { kind: "session.opened" | "exec.failed" | "exec.unknown" },
): Promise<Withheld> {
  const { configuration, caller } = attempted;
  const { taskArn } = attempted.opening.intent.data;
  let known: Pick<Attempted, "state" | "locks"> | undefined = attempted;
  return await commit(ports, call.deadline, async () => {
    // What we knew is tried first: if anything came in between, its number is taken and the append is lost.
    const { state, locks } = known ?? (await reloaded(ports, attempted));
    known = undefined;
    const now = ports.clock.now();
    const attempt = state.attempts.find(({ attempt: n }) => n === body.data.attempt);
    const why = withholding(
      state,
      now >= (attempt?.expiresAt ?? 0),
      lockOn(locks, lockableOf(state, configuration.directory, taskArn), now),
    );
    const actual: typeof body =
      body.kind === "session.opened" && why !== null && body.data.withheld === null
        ? { ...body, data: { ...body.data, delivered: false, withheld: why } }
        : body;
    const misfit = illegal(state, actual);
    if (misfit !== undefined)
      throw new SallyportError("record_corrupt", `the outcome does not fit the record: ${misfit}`);
    const by = circumstancesOf(call, ports, configuration, caller, now);
    const event = nextEvent(state.tail, actual, by);
    const back =
      actual.kind === "exec.failed" && attempt !== undefined
        ? await givingBack(ports.events, "hold.returned", state, attempt, by, configuration)
        : [];
    return {
      events: [event, ...back],
      // Only what hands something over has to know of every lock.
      fences: actual.kind === "session.opened" ? [{ chain: LOCK, seq: locks.tail.seq }] : [],
      result: actual.kind === "session.opened" ? actual.data.withheld : null,
    };
  });
}

async function reloaded(
  ports: ExecPorts,
  { state: { id }, configuration }: Attempted,
): Promise<Pick<Attempted, "state" | "locks">> {
  const [{ state }, locks] = await Promise.all([
    loadRequest(ports.events, id, configuration),
    loadLocks(ports.events, configuration),
  ]);
  return { state, locks };
}

function withholding({ stage }: RequestState, isOver: boolean, lock: Lock | undefined): Withheld {
  if (stage !== "approved" || isOver) return "request_closed";
  return lock === undefined ? null : "locked";
}
