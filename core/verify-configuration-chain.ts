import { same } from "./belongs/checks.ts";
import { configurationHash } from "./configuration-hash.ts";
import type { Event } from "./event.ts";
import { fencesAfter } from "./restored.ts";

type OfChain = Event & { kind: "policy.activated" | "restore.fence" };

/**
 * The first event of CONF that does not follow from those before it, and why: each names the table it is in, and
 * every fence before it; only a fence names another table; a fence puts no other rules in force than there were; and
 * what one request asked for comes into force once.
 */
export function configurationChainProblem(
  events: readonly Event[],
): { seq: number; what: string } | undefined {
  let before: OfChain | undefined;
  const requests = new Set<string>();
  for (const event of events) {
    const what = misfit(before, event, requests);
    if (what !== undefined) return { seq: event.seq, what };
    before = event as OfChain;
    if (event.kind === "policy.activated" && event.data.request !== null) {
      requests.add(event.data.request);
    }
  }
  return undefined;
}

function misfit(
  before: OfChain | undefined,
  event: Event,
  requests: ReadonlySet<string>,
): string | undefined {
  if (event.kind !== "policy.activated" && event.kind !== "restore.fence")
    return `${event.kind} says nothing of what is in force`;
  const fences = before === undefined ? [] : fencesAfter(before);
  if (!same(event.data.fences ?? [], fences)) return "it forgets or invents a fence";
  if (event.kind === "policy.activated") {
    const { request, tableArn } = event.data;
    if (before !== undefined && before.data.tableArn !== tableArn)
      return "it names another table, and only a fence does";
    return request !== null && requests.has(request)
      ? `request ${request} put a set in force before`
      : undefined;
  }
  if (before === undefined) return "there was nothing in force to go on";
  if (event.actor.kind !== "recovery") return "another than the recovery role fenced it";
  if (
    configurationHash(event.data.texts) !== configurationHash(before.data.texts) ||
    !same(event.data.rules, before.data.rules)
  )
    return "it puts other rules in force than there were";
  return event.data.restoredFrom === before.data.tableArn
    ? undefined
    : "it was restored from another table than that of the event before it";
}
