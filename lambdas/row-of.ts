import { readEvent } from "../core/event.ts";
import type { RecordReader } from "../core/event-store.ts";
import { foldRequest } from "../core/fold-request.ts";
import { readersOf } from "../core/may-read.ts";
import { fencesAfter } from "../core/restored.ts";
import type { ViewRow } from "../core/views.ts";
import { CONF } from "./activated.ts";

/**
 * How a request is filed in the lists, by its chain as it is now; undefined where there is none. Of the rules it takes
 * nothing but the fences of restores: what they void is filed as what it has become. Throws `record_corrupt`.
 */
export async function rowOf(events: RecordReader, chain: string): Promise<ViewRow | undefined> {
  const id = chain.slice("REQ#".length);
  const [stored, tip] = await Promise.all([events.load(chain), events.tip(CONF)]);
  const state = foldRequest(id, stored, tip === undefined ? [] : fencesAfter(readEvent(tip)));
  if (state.stage === "absent") return undefined;
  return {
    id,
    seq: state.tail.seq,
    stage: state.stage,
    requester: state.requester.person,
    readers: readersOf(state),
    resource: state.resource.kind === "gateway" ? "" : state.resource.id,
    reviewOwed: state.breakGlass !== undefined && state.breakGlass.review === undefined,
    askedAt: state.askedAt,
  };
}
