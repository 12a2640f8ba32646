import { breakGlass } from "../../core/break-glass.ts";
import { actorOf } from "../../core/caller.ts";
import type { EpochMillis } from "../../core/clock.ts";
import type { Site, Wish } from "../../core/consider.ts";
import { breakingGlass } from "../../core/emergency-rules.ts";
import { emptyTail, nextEvent, type StoredEvent, tailAfter } from "../../core/event.ts";
import type { EventBody } from "../../core/event-kinds.ts";
import { foldRequest } from "../../core/fold-request.ts";
import { glassChain } from "../../core/glass-limit.ts";
import { locksOf } from "../../core/locks.ts";
import { open } from "../../core/open.ts";
import type { Configuration } from "../../core/policy-engine.ts";
import { callerOf, counted, engine, NOW, permit, rules, siteOf, wishOf } from "./build-request.ts";

/** A rule for emergencies for everybody, with the annotations given. */
export function emergency(id: string, more = '@max_duration("1h")'): string {
  return permit(id, "none", `@break_glass ${more}`);
}

export const emergencies = rules([emergency("glass")]);

/** What comes of one who breaks the glass, by the product's own decision. */
export function brokenBody(
  change: {
    configuration?: Configuration;
    as?: string;
    site?: Site;
    wish?: Wish;
    spent?: number;
    now?: EpochMillis;
  } = {},
): EventBody & { kind: "glass.broken" } {
  const { configuration = emergencies, as = "sre", now = NOW } = change;
  return breakGlass(
    breakingGlass(engine),
    configuration,
    callerOf(as, configuration.directory),
    change.site ?? siteOf(),
    change.wish ?? wishOf({ reason: "payments are failing" }),
    change.spent ?? 0,
    now,
  );
}

/** Bodies put on one chain, each by the one named and at an instant. */
export function chainOf(
  chain: string,
  entries: readonly { body: EventBody; as: string; at?: EpochMillis }[],
): StoredEvent[] {
  let tail = emptyTail(chain);
  return entries.map(({ body, as, at = NOW }) => {
    const event = nextEvent(tail, body, {
      actor: actorOf(callerOf(as)),
      configuration: { seq: emergencies.seq, hash: emergencies.hash },
      now: at,
      random: counted,
    });
    tail = tailAfter(tail, event);
    return event;
  });
}

export const GLASS_ID = "0123456789abcdefghjkmnpqrs";

/** The chain of a request for which the glass was broken, with what followed. */
export function glassRoad(
  body: EventBody = brokenBody(),
  ...after: { body: EventBody; as: string; at?: EpochMillis }[]
): StoredEvent[] {
  return chainOf(`REQ#${GLASS_ID}`, [{ body, as: "sre" }, ...after]);
}

export function glassState(...after: { body: EventBody; as: string; at?: EpochMillis }[]) {
  return foldRequest(GLASS_ID, glassRoad(brokenBody(), ...after), []);
}

/** The chain on which it is counted. */
export function countOf(
  requests: readonly string[],
  change: { limit?: number; person?: string; day?: string } = {},
): StoredEvent[] {
  const { limit = 3, person = "sre", day = "2026-11-24" } = change;
  return chainOf(
    glassChain(person, day),
    requests.map((requestId) => ({
      body: { kind: "glass.counted", data: { requestId, person, limit }, values: {} },
      as: "sre",
    })),
  );
}

export const reviewed: EventBody = {
  kind: "glass.reviewed",
  data: { person: "lead", verdict: "justified" },
  values: { comment: "the database was down" },
};

/** The opening of a request for which the glass was broken. */
export const openGlass = () =>
  open(engine, emergencies, glassState(), callerOf("sre"), siteOf(), locksOf(undefined, []), NOW);
