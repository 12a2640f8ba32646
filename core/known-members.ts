import type { Actor } from "./event.ts";
import type { EventBody, EventKind } from "./event-kinds.ts";

type DataOf<K extends EventKind> = Extract<EventBody, { kind: K }>["data"];

/**
 * The members of each kind's `data`, and of an event beside it. What has one more was written by a later version, to
 * which that member means something: it is not read without it. So a member may be added, but none may come to mean
 * something else, and within a member nothing may be added that whoever does not know it would misread.
 */
const dataMembers: { [K in EventKind]: { [M in keyof Required<DataOf<K>>]: true } } = {
  "request.asked": {
    requester: true,
    place: true,
    resource: true,
    target: true,
    durationMinutes: true,
    startAt: true,
    lapsesAt: true,
    rules: true,
    automatic: true,
    expiresAt: true,
    preflight: true,
    transcript: true,
    judged: true,
    repeat: true,
  },
  "request.refused": {
    requester: true,
    resource: true,
    target: true,
    code: true,
    rules: true,
    preflight: true,
    judged: true,
    repeat: true,
  },
  "request.cancelled": { person: true, judged: true, repeat: true },
  "activation.asked": {
    requester: true,
    texts: true,
    lapsesAt: true,
    rules: true,
    judged: true,
    repeat: true,
  },
  "decision.approved": {
    person: true,
    groups: true,
    maxMinutes: true,
    grant: true,
    judged: true,
    repeat: true,
  },
  "decision.denied": { person: true, groups: true, judged: true, repeat: true },
  "request.recarded": { rules: true, automatic: true, fields: true, judged: true },
  "request.revoked": { person: true, judged: true, repeat: true },
  "glass.broken": {
    requester: true,
    place: true,
    resource: true,
    target: true,
    durationMinutes: true,
    rules: true,
    preflight: true,
    transcript: true,
    repeat: true,
    rule: true,
    expiresAt: true,
    reviewDueAt: true,
    day: true,
    count: true,
    limit: true,
    judged: true,
  },
  "glass.counted": { requestId: true, person: true, limit: true },
  "glass.reviewed": { person: true, verdict: true, judged: true, repeat: true },
  "extension.asked": {
    number: true,
    person: true,
    minutes: true,
    from: true,
    until: true,
    rules: true,
    automatic: true,
    grant: true,
    judged: true,
    repeat: true,
  },
  "extension.approved": {
    number: true,
    person: true,
    groups: true,
    maxMinutes: true,
    grant: true,
    judged: true,
    repeat: true,
  },
  "extension.denied": { number: true, person: true, groups: true, judged: true, repeat: true },
  "exec.intent": {
    attempt: true,
    rule: true,
    approvals: true,
    taskArn: true,
    runtimeId: true,
    container: true,
    chosen: true,
    expiresAt: true,
    notAfter: true,
    roleSessionName: true,
    slot: true,
    replaces: true,
    locks: true,
    judged: true,
  },
  "session.opened": {
    attempt: true,
    sessionId: true,
    clusterArn: true,
    taskArn: true,
    containerArn: true,
    containerName: true,
    delivered: true,
    withheld: true,
  },
  "exec.failed": { attempt: true, code: true, aws: true },
  "exec.unknown": { attempt: true },
  "replace.asked": { attempt: true, sessionId: true, person: true, judged: true },
  "hold.taken": { requestId: true, attempt: true, displaced: true, holds: true },
  "hold.returned": { requestId: true, attempt: true, holds: true },
  "hold.released": { requestId: true, attempt: true, holds: true },
  "session.unclaimed": { attempt: true, sessionId: true, status: true },
  "session.ended": {
    attempt: true,
    sessionId: true,
    cause: true,
    lock: true,
    judged: true,
    strength: true,
    endedAt: true,
  },
  "end.unverified": {
    attempt: true,
    sessionId: true,
    cause: true,
    lock: true,
    judged: true,
    tries: true,
    nextAt: true,
  },
  "exec.settled": { attempt: true, ended: true },
  "request.expired": { status: true },
  "end.asked": {
    attempt: true,
    sessionId: true,
    person: true,
    stopTask: true,
    judged: true,
    repeat: true,
  },
  "lock.set": { id: true, person: true, locks: true, judged: true, repeat: true },
  "lock.release_asked": { id: true, person: true, locks: true, judged: true },
  "lock.released": { id: true, person: true, first: true, locks: true, judged: true },
  "policy.activated": {
    texts: true,
    tableArn: true,
    request: true,
    rules: true,
    fences: true,
  },
  "restore.fence": {
    texts: true,
    rules: true,
    tableArn: true,
    restoredFrom: true,
    fences: true,
    ends: true,
  },
  "call.refused": { route: true, about: true, code: true },
  "decision.refused": { route: true, about: true, code: true },
  "open.refused": { route: true, about: true, code: true },
  "refusals.counted": { minute: true, who: true, counts: true },
  "record.read": { subject: true, hour: true },
};

const actors: { [K in Actor["kind"]]: true } = {
  person: true,
  program: true,
  bootstrap: true,
  gateway: true,
  recovery: true,
  unknown: true,
};

const leafMembers: readonly string[] = [
  "v",
  "chain",
  "seq",
  "prev",
  "eventId",
  "at",
  "kind",
  "actor",
  "configuration",
  "call",
  "data",
  "commits",
];

/** What of an event this version does not know, in words; undefined where it knows all of it. */
export function unknownMember(
  kind: EventKind,
  leaf: { actor?: { kind?: unknown }; data?: object },
): string | undefined {
  const beside = Object.keys(leaf).find((member) => !leafMembers.includes(member));
  if (beside !== undefined) return `unknown member ${beside}`;
  const known = dataMembers[kind];
  const within = Object.keys(leaf.data ?? {}).find((member) => !Object.hasOwn(known, member));
  if (within !== undefined) return `unknown member data.${within}`;
  const who = leaf.actor?.kind;
  const isKnown = typeof who === "string" && Object.hasOwn(actors, who);
  return isKnown ? undefined : "unknown kind of actor";
}
