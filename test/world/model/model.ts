import type { EpochMillis } from "../../../core/clock.ts";
import { alternativesOf, type CommandName, type Decider, type SetName } from "./sets.ts";

/** An open that was put on record, and what is left of it. */
export interface ModelAttempt {
  /** `opening`: nobody knows what it started; `settled`: what it may have started is over. */
  state: "opening" | "opened" | "ended" | "settled";
  at: EpochMillis;
  expiresAt: EpochMillis;
  slot: string;
  /** What runs because of it; undefined where nothing was started. */
  sessionId: string | undefined;
  /** Its process is dead. */
  over: boolean;
  /** Its end was tried and not seen: it is not tried before that. */
  unverifiedUntil: EpochMillis;
}

export interface ModelRequest {
  id: string;
  command: CommandName;
  service: string;
  container: string;
  stage: "pending" | "approved" | "denied" | "cancelled" | "revoked";
  /** Alternatives of who has to agree to the card as it is, and who has. */
  needs: Decider[][];
  agreed: Set<Decider>;
  denied: Set<Decider>;
  /** A rule approved it by itself when its card was made. */
  automatic: boolean;
  lapsesAt: EpochMillis;
  expiresAt: EpochMillis;
  attempts: ModelAttempt[];
}

/** The gateway as its users think of it: no events, no races, no failures. */
export interface Model {
  requests: ModelRequest[];
  set: SetName;
  devKnown: boolean;
  reasons: number;
}

export const SETTLE_MS = 60_000;
export const GRANT_MS = 30 * 60_000;

export function newModel(): Model {
  return { requests: [], set: "usual", devKnown: true, reasons: 0 };
}

export function taken({ attempts }: ModelRequest): ModelAttempt | undefined {
  return attempts.find(({ state }) => state !== "settled");
}

export function statusOf(request: ModelRequest, now: EpochMillis): string {
  if (request.stage === "pending") return now < request.lapsesAt ? "pending" : "lapsed";
  if (request.stage !== "approved") return request.stage;
  const use = taken(request);
  if (use?.state === "ended") return "closed";
  if (now < request.expiresAt) return "approved";
  return use === undefined || use.state === "opening" ? "lapsed" : "closed";
}

/** Whoever may decide says yes or no: the answer's code, and what changes by it. */
export function decided(
  model: Model,
  request: ModelRequest,
  who: Decider | "dev2",
  decision: "approve" | "deny",
  now: EpochMillis,
): string {
  if (who === "dev2") return model.devKnown ? "self_approval" : "identity_unmapped";
  const said = decision === "approve" ? request.agreed : request.denied;
  if (said.has(who)) return "ok";
  const status = statusOf(request, now);
  const free = taken(request) === undefined;
  if (status !== "pending" && !(status === "approved" && free)) return "request_closed";
  const now_ = rulesNow(model, request);
  if (decision === "approve") {
    if (now_.length === 0) return "refused_by_rule";
    if (JSON.stringify(now_) !== JSON.stringify(request.needs)) {
      Object.assign(request, { stage: "pending", needs: now_, automatic: isAutomatic(now_) });
      request.agreed.clear();
      return "digest_stale";
    }
  }
  if (status === "approved") return "request_closed";
  if (request.agreed.has(who) || request.denied.has(who)) return "request_closed";
  said.add(who);
  if (decision === "deny") request.stage = "denied";
  else if (request.needs.some((need) => need.length > 0 && agreedTo(request, need))) {
    request.stage = "approved";
    request.expiresAt = now + GRANT_MS;
  }
  return "ok";
}

/** Revoked by who may, or withdrawn by the requester. */
export function stopped(
  model: Model,
  request: ModelRequest,
  who: Decider | "dev",
  how: "revoked" | "cancelled",
  now: EpochMillis,
): string {
  if (who === "dev" && !model.devKnown) return "identity_unmapped";
  if ((who === "dev") !== (how === "cancelled")) return "not_permitted";
  if (!["pending", "approved"].includes(statusOf(request, now))) return "request_closed";
  request.stage = how;
  return "ok";
}

/** Whether it may be opened now; `free` says whether the container is. */
export function mayBeOpened(
  model: Model,
  request: ModelRequest,
  who: "dev" | "dev2" | "lead",
  now: EpochMillis,
  free: boolean,
): string {
  if (who === "lead") return "not_permitted";
  if (!model.devKnown) return "identity_unmapped";
  if (taken(request) !== undefined) return "session_already_opened";
  const status = statusOf(request, now);
  if (status === "pending") return "not_approved";
  if (status !== "approved") return "request_closed";
  if (holding(model).length >= 5) return "too_many_sessions";
  const right = rightNow(model, request);
  if (right !== "ok") return right;
  return free ? "ok" : "container_in_use";
}

/** What the rules as they are say of what was agreed to. */
function rightNow(model: Model, request: ModelRequest): string {
  const rules = rulesNow(model, request);
  if (rules.length === 0) return "refused_by_rule";
  const satisfied = rules.some((need) =>
    need.length === 0 ? request.automatic : agreedTo(request, need),
  );
  return satisfied ? "ok" : "not_approved";
}

/** Attempts that keep their container and their person's place: nobody knows them to be over. */
export function holding({ requests }: Model): ModelAttempt[] {
  return requests
    .flatMap(({ attempts }) => attempts)
    .filter(({ state, over }) => state === "opening" || (state === "opened" && !over));
}

/** What the sweeper has to do about an attempt at that time, and would record. */
export function dutyOf(
  model: Model,
  request: ModelRequest,
  attempt: ModelAttempt,
  now: EpochMillis,
  round: boolean,
): "settle" | "end" | "none" {
  if (attempt.state === "opening") return now >= attempt.at + SETTLE_MS ? "settle" : "none";
  if (attempt.state !== "opened") return "none";
  // A round sees what has ended by itself; the stream wakes it for what has a cause.
  if (round && attempt.over) return "end";
  const cause =
    request.stage === "revoked" ||
    request.stage === "cancelled" ||
    now >= attempt.expiresAt ||
    rightNow(model, request) !== "ok";
  return cause && now >= attempt.unverifiedUntil ? "end" : "none";
}

export function isAutomatic(needs: Decider[][]): boolean {
  return needs.some((need) => need.length === 0);
}

function rulesNow({ set, devKnown }: Model, { command, service }: ModelRequest): Decider[][] {
  return devKnown ? alternativesOf(set, command, service) : [];
}

function agreedTo({ agreed }: ModelRequest, need: Decider[]): boolean {
  return need.every((one) => agreed.has(one));
}
