import { type Duty, dutiesOf, dutiesToEndAll, type Standing } from "../../core/duties.ts";
import { type ErrorCode, SallyportError } from "../../core/errors.ts";
import type { EventBody } from "../../core/event-kinds.ts";
import { groupsNow } from "../../core/group-source.ts";
import { type RequestState, statusAt } from "../../core/request-state.ts";
import { rightToStay } from "../../core/right-to-stay.ts";
import { illegal } from "../../core/transitions.ts";
import { type Activated, requireActivated } from "../activated.ts";
import { commit } from "../commit.ts";
import { loadRequest } from "../load-request.ts";
import { loadSetAndLocks } from "../locks.ts";
import type { SweeperPorts } from "../ports.ts";
import { endUnreadable } from "./end-unreadable.ts";
import { performDuty } from "./perform-duty.ts";
import { withHolds } from "./with-holds.ts";

/** Duties beyond this many in one go are left for the next: a request has few. */
const MOST = 20;
const APPEND_MS = 10_000;

/**
 * Does what is due about one request, and puts what came of it on record. Doing it twice, or twice at once,
 * ends the same: each duty is taken from the chain as it is then, and what is done already is none.
 *
 * Answers false where something is left that no event has dated: then somebody has to come back. Throws what
 * AWS or the record throws; `record_corrupt` and `sealed` once `endUnreadable` has ended what it can find;
 * `internal` where all else is done, and whether its requester may still be in a session could not be judged.
 */
export async function sweepRequest(ports: SweeperPorts, id: string): Promise<boolean> {
  // What a fence of a restore has voided; one that comes after this comes with its own due time.
  const fenced = await requireActivated(ports.events);
  /** Attempts whose sessions somebody has joined. */
  const joined = new Set<number>();
  for (let done = 0; done < MOST; done++) {
    const { state } = await loadRequest(ports.events, id, fenced).catch(async (error: unknown) => {
      // What does not verify cannot be judged, so it may not go on: whoever spoils a chain keeps nothing alive.
      if (isOf(error, "record_corrupt")) await endUnreadable(ports, fenced, id, dutiesToEndAll);
      if (isOf(error, "sealed")) {
        // What a later version wrote is as it should be. By what this one can read, it ends when it has to.
        const by = await judging(ports);
        await endUnreadable(ports, fenced, id, (readable) => by.dutiesNow(readable).duties);
      }
      throw error;
    });
    // After the chain: no event of it was judged under a later set than this.
    const { configuration, dutiesNow } = await judging(ports);
    const { duties, isUnjudged } = dutiesNow(state);
    const duty = duties.find((one) => one.kind !== "look" || !joined.has(one.attempt.attempt));
    if (duty === undefined && isUnjudged) {
      throw new SallyportError("internal", "the rules engine is lost: who may stay is not judged");
    }
    if (duty === undefined) return true;
    const body = await performDuty(ports, state, duty);
    if (body === undefined && duty.kind === "look") {
      joined.add(duty.attempt.attempt);
      continue;
    }
    if (body === undefined) return false;
    await record(ports, configuration, id, body);
  }
  return false;
}

function isOf(error: unknown, code: ErrorCode): boolean {
  return error instanceof SallyportError && error.code === code;
}

/** By what is in force now: what is due about a request, and whether that could be judged of all it has running. */
async function judging(ports: SweeperPorts): Promise<{
  configuration: Activated;
  dutiesNow(state: RequestState): { duties: Duty[]; isUnjudged: boolean };
}> {
  const [configuration, { locks }] = await loadSetAndLocks(ports.events);
  const { persons, programs } = configuration.directory;
  return {
    configuration,
    dutiesNow(state) {
      const now = ports.clock.now();
      const requester = [...persons, ...programs].find(({ id }) => id === state.requester.person);
      let isUnjudged = false;
      const standing: Standing = {
        groups: groupsNow(requester, state.requesterGroups),
        locks,
        activatedAt: configuration.activatedAt,
        stay(attempt) {
          const stay = rightToStay(ports.policy, configuration, state, attempt, now);
          isUnjudged ||= stay.kind === "unjudged";
          return stay;
        },
      };
      return { duties: dutiesOf(state, standing, now), isUnjudged };
    },
  };
}

/** Appends what was done, unless somebody else has put the same on record meanwhile. */
async function record(
  ports: SweeperPorts,
  configuration: Activated,
  id: string,
  body: EventBody,
): Promise<void> {
  await commit<void>(ports, ports.clock.now() + APPEND_MS, async () => {
    const { state } = await loadRequest(ports.events, id, configuration);
    if (illegal(state, body) !== undefined) return { events: [], result: undefined };
    // Its time may have been extended since it was looked at.
    const isOver = (status: string): boolean => statusAt(state, ports.clock.now()) === status;
    if (body.kind === "request.expired" && !isOver(body.data.status)) {
      return { events: [], result: undefined };
    }
    return {
      events: await withHolds(ports, configuration, state, body),
      fences: [],
      result: undefined,
    };
  }).catch((error: unknown) => {
    if (!(error instanceof SallyportError) || error.code !== "record_conflict") throw error;
    ports.log.error("what was ended could not be recorded yet", { requestId: id }, error);
    throw error;
  });
}
