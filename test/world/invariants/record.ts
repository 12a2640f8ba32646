import { holdsAfter } from "../../../core/holds.ts";
import { minuteText } from "../../../core/rate-limits.ts";
import { verifyChains } from "../../../core/verify-chains.ts";
import { refusals } from "../../../lambdas/refusals.ts";
import { answers, type Evidence, readable, requestsIn } from "../evidence.ts";

const closing = [
  "request.expired",
  "request.revoked",
  "request.cancelled",
  "request.refused",
  "decision.denied",
];
const outcomes = ["exec.failed", "session.ended", "exec.settled"];

/**
 * I9: every chain is a legal history, and nothing is stuck: once the sweeper has been round, each request that is
 * over says so, each attempt has an end, and nobody holds a container.
 */
export function nothingStuck(evidence: Evidence): string[] {
  const problems = verifyChains(evidence.events).problems.map(
    ({ chain, seq, what }) => `${chain} #${seq}: ${what}`,
  );
  if (!evidence.settled) return problems;
  for (const chain of requestsIn(evidence)) {
    const kinds = chain.events.map(({ kind }) => kind as string);
    const [asked] = chain.of("request.asked", "glass.broken");
    const until = chain.events.reduce((latest, event) => {
      if (event.kind === "request.asked")
        return Math.max(latest, event.data.lapsesAt, event.data.expiresAt ?? 0);
      if (event.kind === "glass.broken") return Math.max(latest, event.data.expiresAt);
      return event.kind === "decision.approved" ||
        event.kind === "extension.asked" ||
        event.kind === "extension.approved"
        ? Math.max(latest, event.data.grant?.expiresAt ?? 0)
        : latest;
    }, 0);
    if (
      asked !== undefined &&
      evidence.now > until &&
      !kinds.some((kind) => closing.includes(kind))
    ) {
      problems.push(`${chain.id} is over, and no event says so`);
    }
    for (const { data } of chain.of("exec.intent")) {
      const end = chain.events.some(
        (event) =>
          (event.kind === "exec.intent" && event.data.replaces?.attempt === data.attempt) ||
          (outcomes.includes(event.kind) &&
            (event.data as { attempt?: number }).attempt === data.attempt),
      );
      if (!end && evidence.now > Math.max(until, data.expiresAt))
        problems.push(`${chain.id}: attempt ${data.attempt} has no end`);
    }
  }
  const tips = new Map(evidence.events.map((event) => [event.chain, event]));
  for (const [chain, tip] of tips) {
    if (!/^(SLOT|PERSON)#/.test(chain)) continue;
    const event = readable(tip);
    if (event !== undefined && holdsAfter(event).length > 0)
      problems.push(`${chain} is still held`);
  }
  return problems;
}

/** What a success says was done, by the route: one of these stands on record before it is told. */
const done: { step: RegExp; kinds: string[] }[] = [
  { step: /^\/v1\/requests$/, kinds: ["request.asked"] },
  {
    step: /^\/v1\/requests\/[^/]+\/decisions$/,
    kinds: ["decision.approved", "decision.denied", "extension.approved", "extension.denied"],
  },
  { step: /^\/v1\/requests\/[^/]+\/revoke$/, kinds: ["request.revoked"] },
  { step: /^\/v1\/requests\/[^/]+\/cancel$/, kinds: ["request.cancelled"] },
  { step: /^\/v1\/requests\/[^/]+\/sessions$/, kinds: ["session.opened"] },
  { step: /^\/v1\/requests\/[^/]+\/extensions$/, kinds: ["extension.asked"] },
  { step: /^\/v1\/requests\/[^/]+\/review$/, kinds: ["glass.reviewed"] },
  { step: /^\/v1\/break-glass$/, kinds: ["glass.broken"] },
];

/** Of a use of the last resort, which is no request: its review is the one event of a chain of its own. */
const USE_REVIEW = /^\/v1\/last-resort\/[^/]+\/review$/;
const isUseReview = ({ chain }: { chain: string }): boolean => chain.startsWith("REVIEW#");

/** I10: fail closed. Nothing is said to be done that is not durable, and what failed is told as a failure. */
export function failsClosed(evidence: Evidence): string[] {
  const chains = requestsIn(evidence);
  return answers(evidence).flatMap(({ method, path, status, text, place, tookMs }) => {
    const problems: string[] = [];
    if (method === "POST" && USE_REVIEW.test(path) && status < 300) {
      const stands = evidence.journal
        .slice(0, place)
        .some((entry) => entry.what === "stored" && entry.events.some(isUseReview));
      if (!stands) problems.push(`${path} was answered ${status} before it was durable`);
    }
    const step = done.find((one) => method === "POST" && one.step.test(path));
    if (step !== undefined && status < 300) {
      const id = String(/requests\/([^/]+)/.exec(path)?.[1] ?? JSON.parse(text).id);
      const chain = chains.find((one) => one.id === id);
      const stands = chain?.events.some(
        (one) => step.kinds.includes(one.kind) && one.place < place,
      );
      if (stands !== true) problems.push(`${path} was answered ${status} before it was durable`);
    }
    if (status >= 300 && JSON.parse(text).code === "record_corrupt")
      problems.push(`${path}: a sound record was told as broken`);
    if (status >= 300 && JSON.parse(text).code === undefined)
      problems.push(`${path} failed without a code`);
    if (tookMs > GATEWAY_MS) problems.push(`${path} was answered after API Gateway had given up`);
    return problems;
  });
}

const GATEWAY_MS = 29_000;

const refusing = [
  "call.refused",
  "decision.refused",
  "open.refused",
  "request.refused",
  "request.recarded",
  "exec.failed",
  "exec.unknown",
];

/**
 * I12: each refusal is in exactly one event, by itself or by its number, and what was not refused is in none. What
 * is counted and not yet told stands in the `state` table; once the sweeper has been round, all of it is told.
 */
export function refusedOnce(evidence: Evidence): string[] {
  const byCall = new Map<string, string[]>();
  const refusedRequests = new Set<string>();
  for (const stored of evidence.events) {
    const event = readable(stored);
    if (event?.kind === "request.refused") refusedRequests.add(stored.chain.slice("REQ#".length));
    const refuses =
      event !== undefined &&
      (refusing.includes(event.kind) || (event.kind === "session.opened" && !event.data.delivered));
    if (!refuses || event.call === undefined) continue;
    byCall.set(event.call, [...(byCall.get(event.call) ?? []), `${stored.chain} #${stored.seq}`]);
  }
  const owed = owedByCode(evidence);
  const left = new Map(owed);
  const problems = answers(evidence).flatMap(({ call, path, status, text }) => {
    const on = byCall.get(call) ?? [];
    if (on.length > 1) return [`the refusal of ${call} is in ${on.join(" and ")}`];
    const { code, requestId } = JSON.parse(text) ?? {};
    if (status < 300) return on.length === 0 ? [] : [`${call} was not refused, and is in ${on[0]}`];
    const told = (refusals as { [code: string]: true })[code] === true;
    // A repeat is told again what stands on record already.
    if (!told || on.length === 1 || refusedRequests.has(requestId)) return [];
    const more = left.get(code) ?? 0;
    left.set(code, more - 1);
    return more > 0 ? [] : [`${path} was refused (${code}), and no event of ${call} says so`];
  });
  const begins = minuteText(evidence.now - TOLD_AFTER_MS);
  const isDue = evidence.settled && evidence.counted.every(({ minute }) => minute < begins);
  return isDue ? [...problems, ...untold(evidence, owed)] : problems;
}

/** So long after they were counted they are told for certain. */
const TOLD_AFTER_MS = 3 * 60_000;

/** Refusals that are to be told by their number: all that were counted, less the first of each equal ones. */
function owedByCode({ counted }: Evidence): Map<string, number> {
  const owed = new Map<string, number>();
  for (const { code, equal, times } of counted) {
    owed.set(code, (owed.get(code) ?? 0) + (equal === null ? times : times - 1));
  }
  return owed;
}

function untold({ events }: Evidence, owed: ReadonlyMap<string, number>): string[] {
  const told = new Map<string, number>();
  for (const event of events.map(readable)) {
    if (event?.kind !== "refusals.counted") continue;
    for (const { code, times } of event.data.counts) told.set(code, (told.get(code) ?? 0) + times);
  }
  return [...new Set([...owed.keys(), ...told.keys()])].flatMap((code) => {
    const [is, should] = [told.get(code) ?? 0, owed.get(code) ?? 0];
    return is === should ? [] : [`${should} refusals (${code}) were counted, and ${is} are told`];
  });
}

/** I13, as far as there is no ledger yet: what was durable once is there, as it was, and nothing else is. */
export function nothingLost(evidence: Evidence): string[] {
  const there = new Map(
    evidence.events.map((event) => [`${event.chain} #${event.seq}`, event.leaf]),
  );
  const problems: string[] = [];
  for (const entry of evidence.journal) {
    if (entry.what !== "stored") continue;
    for (const { chain, seq, leaf } of entry.events) {
      const place = `${chain} #${seq}`;
      if (there.get(place) !== leaf) problems.push(`${place} is not what it was`);
      there.delete(place);
    }
  }
  return [...problems, ...[...there.keys()].map((place) => `${place} was written by nobody`)];
}
