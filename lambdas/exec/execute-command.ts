import { executeCommandSchema } from "../../api/request-schemas.ts";
import { canonicalJson } from "../../core/canonical-json.ts";
import { isoTime } from "../../core/clock.ts";
import { SallyportError } from "../../core/errors.ts";
import { foldRequest } from "../../core/fold-request.ts";
import { requestId } from "../../core/ids.ts";
import { type RequestState, type Stage, statusAt } from "../../core/request-state.ts";
import { type Fenced, isVoided } from "../../core/restored.ts";
import type { Activated } from "../activated.ts";
import { askFor, type Wanted } from "../ask-for.ts";
import type { Answer, Call } from "../call.ts";
import { parseBody } from "../chain/parse.ts";
import { checkProse } from "../check-prose.ts";
import { commit, type Step } from "../commit.ts";
import { identify } from "../identify.ts";
import { loadRequest } from "../load-request.ts";
import { loadSetAndLocks } from "../locks.ts";
import type { ExecPorts } from "../ports.ts";
import { readTarget, wishErrors } from "../read-wish.ts";
import { onRecord } from "../refusals.ts";
import { requestView } from "../request-view.ts";
import { openApproved } from "./open-session.ts";

const ROUTE = "POST /v1/execute-command";

interface Standing {
  configuration: Activated;
  state: RequestState;
}

/**
 * ExecuteCommand in AWS's own shape, for whoever repeats the same call until it is answered: asks, answers
 * 202 with the request while it waits, and once it is approved opens it and answers exactly what
 * ExecuteCommand does. It takes no Idempotency-Key: by whom and what is asked is the key.
 *
 * Throws what asking and opening throw; `request_closed` once somebody has denied, withdrawn or revoked it, until
 * it would have lapsed; after the open `session_already_opened`, until its time is over.
 */
export async function executeCommand(call: Call, ports: ExecPorts): Promise<Answer> {
  const body = parseBody(executeCommandSchema, call.body, wishErrors);
  checkProse(body);
  const { cluster, task, container } = body;
  const wanted: Wanted = {
    target: readTarget({ cluster, task, container }, ports.deployment.territory, ""),
    command: body.command,
    reason: body.reason,
    ticket: body.ticket,
    durationMinutes: body.durationMinutes,
    repeat: undefined,
  };
  const stand = await commit<() => Standing>(ports, call.deadline, () =>
    askOrContinue(call, ports, wanted),
  );
  const { configuration, state } = stand();
  requireNotStopped(state);
  const waits = (s: RequestState): Answer => ({
    status: 202,
    body: requestView(s, configuration, ports.clock.now()),
  });
  if (statusAt(state, ports.clock.now()) === "pending") return waits(state);
  try {
    const { sallyport: _, ...response } = await openApproved(call, ports, state.id);
    return { status: 200, body: response };
  } catch (error) {
    // The rules have changed since, and it waits again.
    if (!(error instanceof SallyportError) || error.code !== "not_approved") throw error;
    return waits((await loadRequest(ports.events, state.id, configuration)).state);
  }
}

/** Continues the open request of this very wish, or asks for it. */
async function askOrContinue(
  call: Call,
  ports: ExecPorts,
  wanted: Wanted,
): Promise<Step<() => Standing>> {
  const [configuration, locks] = await loadSetAndLocks(ports.events);
  const caller = await identify(configuration, call.principal, ports);
  const idOf = (n: number): string => requestId(caller.id, ROUTE, askedFields(wanted, n));
  const before = await firstNotOver(ports, configuration, idOf);
  if (before.stage !== "absent") {
    return { events: [], result: () => ({ configuration, state: before }) };
  }
  const { event, fences, refusal } = await askFor(
    call,
    ports,
    {
      route: "executeCommand",
      configuration,
      locks,
      caller,
      tail: before.tail,
      requestId: before.id,
    },
    wanted,
  );
  return {
    events: [event],
    fences,
    result: () => {
      if (refusal !== undefined) throw onRecord(refusal);
      return { configuration, state: foldRequest(before.id, [event], configuration.fences) };
    },
  };
}

/** All that was asked, in one spelling: a cluster or task by its name or its ARN is the same wish. */
function askedFields({ target, ...wanted }: Wanted, n: number): string {
  return canonicalJson({
    n,
    cluster: target.clusterArn,
    task: target.taskId ?? null,
    container: target.container ?? null,
    command: wanted.command,
    reason: wanted.reason,
    ticket: wanted.ticket ?? null,
    durationMinutes: wanted.durationMinutes ?? null,
  });
}

/**
 * The first of the requests 1, 2, … that is not over: one that is open, or the first that was never asked.
 * Each is only asked when the one before it is over for good, so the ones that are over come first, and
 * doubling and halving finds their end in a few reads.
 */
async function firstNotOver(
  ports: ExecPorts,
  under: Fenced,
  idOf: (n: number) => string,
): Promise<RequestState> {
  const now = ports.clock.now();
  const load = async (n: number) => (await loadRequest(ports.events, idOf(n), under)).state;
  let over = 0;
  let next = 1;
  let found = await load(next);
  while (isOver(found, now)) {
    over = next;
    next *= 2;
    found = await load(next);
  }
  while (next - over > 1) {
    const middle = Math.floor((over + next) / 2);
    const state = await load(middle);
    if (isOver(state, now)) {
      over = middle;
    } else {
      next = middle;
      found = state;
    }
  }
  return found;
}

/**
 * Whether the same wish may be asked anew. Not while somebody's no is fresh: whoever only repeats the call has to
 * be told of it, and must not ask again by that.
 */
function isOver(state: RequestState, now: number): boolean {
  if (state.stage === "absent") return false;
  // By a restore nobody has said no.
  if (isVoided(state)) return true;
  if (stopped.includes(state.stage)) return now >= freshUntil(state);
  const status = statusAt(state, now);
  return status !== "pending" && status !== "approved";
}

/** Until when somebody's no is fresh: as long as what they said it of could have waited or lasted. */
function freshUntil({ lapsesAt, grant }: RequestState): number {
  return Math.max(lapsesAt, grant?.expiresAt ?? 0);
}

const stopped: readonly Stage[] = ["denied", "cancelled", "revoked"];

/** Throws `request_closed` with who stopped it and why. */
function requireNotStopped(state: RequestState): void {
  if (!stopped.includes(state.stage)) return;
  const by = state.decisions.findLast(({ decision }) => decision === "deny")?.person;
  const said = state.outcome?.detail ?? "";
  const who = state.stage === "denied" && by !== undefined ? ` by ${by}` : "";
  throw new SallyportError(
    "request_closed",
    `request ${state.id} was ${state.stage}${who}${said === "" ? "" : `: ${said}`}`,
    {
      hint: `ask with another reason, or the same again from ${isoTime(freshUntil(state))} on`,
      members: { requestId: state.id, requestStatus: state.stage },
    },
  );
}
