import { lookAtRecord } from "../../core/restore-plan.ts";
import { putFences } from "../../recovery/put-fences.ts";
import { copyOf, eventsIn, type Tables } from "./tables.ts";
import { type World, world } from "./world.ts";

export const restoredArn = "arn:aws:dynamodb:us-east-1:111122223333:table/events-restored";

/** The gateway on a table that was restored from these tables, with the clock and the AWS of the world they are of. */
export function restoredFrom(w: World, tables: Tables): Promise<World> {
  return world({
    seed: w.seed + 1,
    onto: { tables, tableArn: restoredArn, clock: w.clock, aws: w.aws },
  });
}

/** What the record, the lists and the marks are at this instant. */
export const asOfNow = (w: World): Tables => copyOf(w.tables);

/**
 * What `sallyport restore` does to a restored table once somebody has agreed to it, on a machine whose clock is so far
 * ahead of the gateway's.
 */
export async function fence(w: World, aheadMs = 0): Promise<number[]> {
  const clock = { ...w.clock, now: () => w.clock.now() + aheadMs };
  const look = lookAtRecord(eventsIn(w.tables), w.events.tableArn, clock.now());
  const random = (bytes: number): Uint8Array =>
    Uint8Array.from({ length: bytes }, (_, i) => (i * 31 + w.clock.now()) & 0xff);
  return await putFences({ events: w.events, clock, random }, look, {
    principal: "111122223333:AROARECOVERY:olga",
    reason: "the table was restored",
  });
}
