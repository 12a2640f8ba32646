import type { Site } from "../../core/consider.ts";
import { SallyportError } from "../../core/errors.ts";
import type { ExecRole } from "../../core/execute-command.ts";
import { type Hold, type Holding, MOST_PER_PERSON, sameHold } from "../../core/holds.ts";
import type { Opening } from "../../core/open.ts";
import type { Fenced } from "../../core/restored.ts";
import { loadRequest } from "../load-request.ts";
import type { ExecPorts } from "../ports.ts";
import { isTaskGone } from "../task-gone.ts";

/**
 * The holders that have to go for one more to fit, where they are known to be over: SSM says so of their
 * sessions, or their tasks are gone, and the sweeper has not put it on record yet. Undefined where they are
 * not: then it is taken.
 *
 * An attempt that is being opened, or whose outcome nobody knows, keeps what it holds until the sweeper has
 * settled it. What the one to come replaces (`old`) goes in any case.
 */
export async function displaceable(
  ports: ExecPorts,
  under: Fenced,
  holding: Holding,
  most: number,
  old?: Hold,
): Promise<Hold[] | undefined> {
  const isOld = (hold: Hold): boolean => old !== undefined && sameHold(hold, old);
  const tooMany = holding.holds.length + 1 - most;
  if (tooMany <= 0) return holding.holds.filter(isOld);
  const over = await Promise.all(
    holding.holds.map(async (hold) => isOld(hold) || (await isOver(ports, under, hold))),
  );
  const gone = holding.holds.filter((_, i) => over[i] === true);
  return gone.length < tooMany ? undefined : gone;
}

async function isOver(ports: ExecPorts, under: Fenced, hold: Hold): Promise<boolean> {
  const { state } = await loadRequest(ports.events, hold.requestId, under);
  const attempt = state.attempts.find((one) => one.attempt === hold.attempt);
  const place = state.exec?.place;
  if (attempt?.state !== "opened" || attempt.sessionId === undefined || place === undefined) {
    return false;
  }
  try {
    const seen = await ports.sessionWatch.seen(place, attempt.sessionId);
    if (seen !== undefined) return seen.over;
    // SSM knows nothing of it: then it is over if its task is.
    const { resource } = state;
    const clusterArn = resource.kind === "gateway" ? "" : resource.clusterArn;
    return await isTaskGone(ports.containers, place, clusterArn, attempt.taskArn);
  } catch {
    return false; // what cannot be seen is taken to go on
  }
}

async function containerInUse(
  ports: ExecPorts,
  under: Fenced,
  { holds }: Holding,
  own: { requestId: string; person: string },
): Promise<SallyportError> {
  const [hold] = holds;
  const state = hold && (await loadRequest(ports.events, hold.requestId, under)).state;
  const live = state?.attempts.find((one) => one.attempt === hold?.attempt)?.sessionId;
  let hint =
    "the approval still stands: open again once that one has ended, or ask for another container";
  if (hold?.requestId === own.requestId) {
    hint = "an earlier attempt of this request is being settled: open again in a minute";
  } else if (state?.requester.person === own.person && live !== undefined) {
    hint = `it is your own, of request ${state.id}: \`sallyport terminate ${live} --wait\` ends it, then open again`;
  }
  return new SallyportError(
    "container_in_use",
    "another session is in that container, or its outcome is not known yet",
    { hint, retryAfterSeconds: 10 },
  );
}

export function tooManySessions(holding: Holding): SallyportError {
  return new SallyportError(
    "too_many_sessions",
    `you are in ${holding.holds.length} containers, and may be in ${MOST_PER_PERSON} at once`,
    {
      hint: "the approval still stands: leave one of them (`sallyport sessions --only live`), then open again",
      retryAfterSeconds: 10,
    },
  );
}

/** So many tasks of a service are tried before it is said that all are taken. */
const MOST_TASKS = 5;

/** The first of the target's tasks in whose container nobody is, with the role for it. */
export async function firstFree(
  ports: ExecPorts,
  under: Fenced,
  own: { requestId: string; person: string },
  site: Site,
  choose: (site: Site) => { opening: Opening; role(): Promise<ExecRole>; slot(): Promise<Holding> },
  old?: Hold,
): Promise<{ opening: Opening; role: ExecRole; slot: Holding; displaced: Hold[] }> {
  let { tasks } = site;
  for (let tried = 1; ; tried++) {
    const { opening, ...of } = choose({ ...site, tasks });
    const [role, slot] = await Promise.all([of.role(), of.slot()]);
    const displaced = await displaceable(ports, under, slot, 1, old);
    if (displaced !== undefined) return { opening, role, slot, displaced };
    tasks = tasks.filter(({ taskArn }) => taskArn !== opening.intent.data.taskArn);
    if (tried === MOST_TASKS || tasks.length === 0)
      throw await containerInUse(ports, under, slot, own);
  }
}
