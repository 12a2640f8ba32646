import { openSessionSchema } from "../../api/request-schemas.ts";
import type { OpenedSession } from "../../api/session-schemas.ts";
import type { Caller } from "../../core/caller.ts";
import { isoTime } from "../../core/clock.ts";
import { nextEvent, type StoredEvent } from "../../core/event.ts";
import type { ExecInput, ExecRole } from "../../core/execute-command.ts";
import { foldRequest } from "../../core/fold-request.ts";
import {
  type Hold,
  type Holding,
  MOST_PER_PERSON,
  personChain,
  slotChain,
  taking,
} from "../../core/holds.ts";
import { type Locks } from "../../core/locks.ts";
import { attemptOf, type Opening, open } from "../../core/open.ts";
import { handedOver, type Replaced, replaceable } from "../../core/replacement.ts";
import type { RequestState } from "../../core/request-state.ts";
import { mayOpen, mayOpenNow } from "../../core/right-to-open.ts";
import { ssmTarget } from "../../core/target.ts";
import { aboutRequest, fencedOn } from "../about-request.ts";
import { type Activated } from "../activated.ts";
import type { Answer, Call } from "../call.ts";
import { parseBody } from "../chain/parse.ts";
import { circumstancesOf } from "../circumstances.ts";
import { commit } from "../commit.ts";
import { loadHolding } from "../holds.ts";
import type { ExecPorts } from "../ports.ts";
import { onRecord } from "../refusals.ts";
import { type RoleFor, siteOf, targetOf, taskNamed } from "./approved-target.ts";
import { recordOutcome } from "./record-outcome.ts";
import { following, replaceSession, vacating } from "./replace-session.ts";
import { displaceable, firstFree, tooManySessions } from "./take-holds.ts";

/** ExecuteCommand gets so long, and never the time that is needed to record what it answered. */
const EXECUTE_MS = 12_000;
const RECORD_MS = 5_000;

interface Intended {
  configuration: Activated;
  /** Under which the intent was judged. */
  locks: Locks;
  caller: Caller;
  /** With the intent. */
  state: RequestState;
  opening: Opening;
  role: ExecRole;
}

/** Opens the request that the path names; in the place of a session that was lost, once that has ended. */
export async function openSession(call: Call, ports: ExecPorts): Promise<Answer> {
  const body = parseBody(openSessionSchema, call.body);
  const id = call.parameters["id"] ?? "";
  const replaced =
    body.replace === undefined ? undefined : await replaceSession(call, ports, id, body.replace);
  return { status: 201, body: await openApproved(call, ports, id, replaced) };
}

/**
 * Opens what was approved, once: decides by the rules as they are now, records the intent, calls
 * ExecuteCommand in one wire attempt, records what came of it, and only then hands the credentials over.
 */
export async function openApproved(
  call: Call,
  ports: ExecPorts,
  id: string,
  replaced?: Replaced,
): Promise<OpenedSession> {
  const intended = await commit<Intended>(ports, call.deadline, () =>
    intend(call, ports, id, replaced),
  );
  // From here on the intent is on record. If we stop, its use stays held and nothing has been handed over.
  const { opening, state, role } = intended;
  const { data } = opening.intent;
  const input: ExecInput = {
    clusterArn: opening.chosen.task.clusterArn,
    taskArn: data.taskArn,
    container: data.container,
    command: state.exec?.command ?? "",
  };
  const now = ports.clock.now();
  const deadline = Math.min(now + EXECUTE_MS, call.deadline - RECORD_MS);
  const outcome =
    now < data.notAfter && now < deadline
      ? await role.executeCommand(input, deadline)
      : ({ kind: "late" } as const);
  // If we stop here the command may run: the attempt stays `opening`, which holds its use like `unknown`.
  const delivered = await recordOutcome(ports, call, intended, input, outcome).catch(
    (error: unknown) => {
      // What came of the attempt is its own event, so telling of it is no further refusal.
      throw error instanceof Error ? onRecord(error) : error;
    },
  );
  return {
    clusterArn: delivered.clusterArn,
    containerArn: delivered.containerArn,
    containerName: delivered.containerName,
    interactive: delivered.interactive,
    session: {
      sessionId: delivered.session.sessionId,
      streamUrl: delivered.session.streamUrl,
      tokenValue: delivered.session.tokenValue,
    },
    taskArn: delivered.taskArn,
    sallyport: {
      requestId: id,
      attempt: data.attempt,
      target: ssmTarget(targetOf(state).clusterName, data.taskArn, data.runtimeId),
      region: targetOf(state).place.region,
      expiresAt: isoTime(data.expiresAt),
      transcript: state.exec?.transcript ?? "none",
    },
  };
}

/**
 * Loads, looks at the target, judges, assumes the exec role, and puts the intent on record. The role is
 * assumed beside the look where the request names the task, so that an open takes one step less: nothing
 * has been started by that, and its credentials go no further than this call.
 */
async function intend(call: Call, ports: ExecPorts, id: string, replaced: Replaced | undefined) {
  const about = await aboutRequest(call, ports, id);
  const { configuration, locks, caller, stored } = about;
  const now = ports.clock.now();
  // Its end may have been asked for by somebody else since.
  if (replaced !== undefined) replaceable(about.state, caller, replaced.sessionId);
  const state = handedOver(about.state, replaced, now);
  mayOpenNow(ports.policy, configuration, state, caller, locks, now);
  const assume = (of: RoleFor): Promise<ExecRole> =>
    ports.execRoles.assume({ ...of, ...attemptOf(state, now), sourceIdentity: caller.id });
  const named = taskNamed(state);
  const early = named === undefined ? undefined : assume(named);
  // Where this is not awaited below, something else has failed first and is what the caller is told.
  early?.catch(() => {});
  const [site, person, likely] = await Promise.all([
    siteOf(ports, configuration, state),
    loadHolding(ports.events, personChain(caller.id), configuration),
    named &&
      loadHolding(ports.events, slotChain(named.taskArn, named.container, false), configuration),
  ]);
  const old = replaced && { requestId: id, attempt: replaced.attempt };
  const leaving = await displaceable(ports, configuration, person, MOST_PER_PERSON, old);
  if (leaving === undefined) throw tooManySessions(person);
  const {
    opening,
    role,
    slot: free,
    displaced,
  } = await firstFree(
    ports,
    configuration,
    { requestId: id, person: caller.id },
    site,
    (candidates) => {
      const next = open(ports.policy, configuration, state, caller, candidates, locks, now);
      const { taskArn, container, slot } = next.intent.data;
      const clusterArn = site.cluster.clusterArn;
      return {
        opening: next,
        // Nothing has been started if this fails, and nothing is on record: the use is still free.
        role: () => early ?? assume({ place: site.target.place, clusterArn, taskArn, container }),
        // Read beside the look; containers that share their PIDs have another chain than was guessed.
        slot: async () =>
          likely?.tail.chain === slot
            ? likely
            : await loadHolding(ports.events, slot, configuration),
      };
    },
    old,
  );
  const at = ports.clock.now();
  // The looks took their time, and the grant may be over by now.
  mayOpen(state, caller, at);
  const by = circumstancesOf(call, ports, configuration, caller, at);
  const intent = replaced === undefined ? opening.intent : following(opening.intent, replaced);
  const event = nextEvent(state.tail, intent, by);
  const own: Hold = { requestId: id, attempt: opening.intent.data.attempt };
  const hold = (of: Holding, gone: Hold[]): StoredEvent =>
    nextEvent(of.tail, { kind: "hold.taken", data: taking(of, own, gone), values: {} }, by);
  return {
    events: [
      event,
      hold(free, displaced),
      hold(person, leaving),
      ...(await vacating(ports, configuration, state, replaced, free, by)),
    ],
    fences: fencedOn(configuration, locks),
    result: {
      configuration,
      locks,
      caller,
      state: foldRequest(id, [...stored, event], configuration.fences),
      opening,
      role,
    },
  };
}
