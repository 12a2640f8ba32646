import { SallyportError } from "../errors.ts";
import { type Event, readEvent, type StoredEvent } from "../event.ts";
import type { EventBody } from "../event-kinds.ts";
import { foldRequest } from "../fold-request.ts";
import type { Configuration, PolicyEngine } from "../policy-engine.ts";
import type { RequestState } from "../request-state.ts";
import { decisionOf } from "./again.ts";
import { callerAsRecorded, requesterAsRecorded } from "./caller.ts";
import { compareBodies, type Difference, outcomeOf } from "./compare.ts";
import type { Again } from "./making.ts";
import { corrupt, type TakenRecord } from "./record.ts";

export type Replay =
  | { kind: "same" }
  | { kind: "differs"; differences: Difference[] }
  /** It cannot be made again from this record: what is missing, or does not fit. */
  | { kind: "not_replayed"; why: string };

/** Whether events of its kind are decisions that can be made again. */
export function isDecision(stored: StoredEvent): boolean {
  try {
    return decisionOf(readEvent(stored)) !== undefined;
  } catch {
    // What cannot be read may have been one: it is not passed over.
    return true;
  }
}

/**
 * Makes the decision of an event again, from the record alone: by the chain before it, the texts of the set it
 * names, and the inputs it holds; by the code that made it, under the rules engine given. Says where anything
 * of what came out then is not what is on record. Undefined for an event that is no decision.
 *
 * What ECS said (which tasks run, what preflight found) is an input: it is taken from the record, as the
 * groups are, which are compared with the directory of that set besides. Never throws for what a record holds.
 */
export function replayEvent(
  policy: PolicyEngine,
  record: TakenRecord,
  stored: StoredEvent,
): Replay | undefined {
  try {
    return replayed(policy, record, stored);
  } catch (error) {
    if (error instanceof SallyportError) return { kind: "not_replayed", why: error.message };
    throw error;
  }
}

function replayed(
  policy: PolicyEngine,
  record: TakenRecord,
  stored: StoredEvent,
): Replay | undefined {
  const event = readEvent(stored);
  const again = decisionOf(event);
  if (again === undefined) return undefined;
  const erased = Object.keys(event.commits).filter((field) => !Object.hasOwn(stored.open, field));
  if (erased.length > 0) throw corrupt(`erased, or taken away: ${erased.join(", ")}`);
  if (event.kind === "policy.activated") return activationAgain(policy, record, event);

  const state = stateBefore(record, stored, event.kind);
  const configuration: Configuration = record.setOf(event.configuration);
  const { caller, differences } =
    event.kind === "session.ended" || event.kind === "end.unverified"
      ? requesterAsRecorded(configuration, state, event)
      : callerAsRecorded(configuration, event);
  const inputs: Again = { policy, record, configuration, state, caller, event };
  const { kind, data, values } = event;
  const recorded = { kind, data, values } as EventBody;
  let body: EventBody;
  try {
    body = again(inputs);
  } catch (error) {
    if (!(error instanceof SallyportError) || error.code === "record_corrupt") throw error;
    const refusal = `refused: ${error.code}: ${error.message}`;
    return differ([
      { what: "outcome", recorded: outcomeOf(recorded), replayed: refusal },
      ...differences,
    ]);
  }
  return differ([...compareBodies(recorded, body), ...differences]);
}

function differ(differences: Difference[]): Replay {
  return differences.length === 0 ? { kind: "same" } : { kind: "differs", differences };
}

/** What the decision was made on. The event itself has to belong behind it: a forged one is told by that. */
function stateBefore(record: TakenRecord, stored: StoredEvent, kind: Event["kind"]): RequestState {
  // Locks are about no request, and neither is what was done outside the gateway.
  if (!stored.chain.startsWith("REQ#")) return foldRequest("", [], []);
  const id = stored.chain.slice("REQ#".length);
  const before = record.before(stored.chain, stored.seq);
  foldRequest(id, [...before, stored], record.fences);
  const { seq } = readEvent(stored).configuration;
  const state = foldRequest(
    id,
    before,
    record.fences.filter((fence) => fence.seq <= seq),
  );
  if (state.stage === "absent") return state;
  if (judgedByTargetAlone.includes(kind)) return state;
  const gone =
    state.card === undefined ||
    state.digest === undefined ||
    (state.kind === "exec" &&
      (state.exec?.command === undefined || state.exec.facts === undefined));
  if (gone) throw corrupt("what was asked has been erased");
  return state;
}

/** Decisions for which it does not matter what was asked. */
const judgedByTargetAlone: readonly Event["kind"][] = [
  "request.cancelled",
  "request.revoked",
  "end.asked",
  "glass.reviewed",
];

/** A set comes into force by what was decided about it: here, that it could, and by which rules. */
function activationAgain(
  policy: PolicyEngine,
  record: TakenRecord,
  { data }: Event & { kind: "policy.activated" },
): Replay {
  const texts = record.textsOf(data.texts);
  const [defect] = policy.check(texts);
  if (defect !== undefined) {
    const refusal = `refused: activation_invalid: ${defect.where}: ${defect.detail}`;
    return differ([{ what: "outcome", recorded: "policy.activated", replayed: refusal }]);
  }
  const rules = (list: readonly { id: string; textHash: string }[]) =>
    list.map(({ id, textHash }) => ({ id, textHash }));
  const [recorded, replays] = [rules(data.rules), rules(policy.rulesOf(texts))];
  return JSON.stringify(recorded) === JSON.stringify(replays)
    ? { kind: "same" }
    : differ([{ what: "rules", recorded, replayed: replays }]);
}
