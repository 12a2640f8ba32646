import type { Caller } from "../../core/caller.ts";
import { utcDay } from "../../core/clock.ts";
import { SallyportError } from "../../core/errors.ts";
import { mayRead } from "../../core/may-read.ts";
import type { Configuration } from "../../core/policy-engine.ts";
import type { RequestState } from "../../core/request-state.ts";
import type { ViewIndex } from "../../core/views.ts";
import { loadRequest } from "../load-request.ts";
import type { RequestsPorts } from "../ports.ts";

const ROWS = 25;
/** Index pages read for one answer: a filter that matches little comes back with a cursor instead of late. */
const MOST_PAGES = 12;
const DAY_MS = 86_400_000;

/**
 * Walks the rows of the views, newest first, folds each request from its chain, and hands over those that
 * the caller may see. Returns where to go on, or undefined at the end. A cursor never holds the id of a
 * request that the caller may not see. Throws `query_invalid` for a cursor of nobody's.
 */
export async function walkViews(
  ports: RequestsPorts,
  configuration: Configuration,
  caller: Caller,
  walk: {
    indexes: ViewIndex[];
    range: { from: number; to: number };
    cursor: string | undefined;
    enough(): boolean;
    take(state: RequestState): void;
  },
): Promise<string | undefined> {
  const { indexes, range } = walk;
  let [at, cursor] = readCursor(walk.cursor);
  let shown = cursor;
  for (let pages = 0; at < indexes.length && !walk.enough() && pages < MOST_PAGES; pages++) {
    const page = await ports.views.page(indexes[at] as ViewIndex, range, cursor, ROWS);
    const loaded = await Promise.all(page.ids.map((id) => loadRequest(ports.events, id)));
    let last = false;
    for (const { state } of loaded) {
      last = mayRead(ports.policy, configuration, state, caller);
      if (last) walk.take(state);
    }
    cursor = page.cursor;
    // `~` sorts after every id: the whole millisecond of a row that is not shown is looked at again.
    shown = cursor === undefined || last ? cursor : cursor.replace(/#.*$/, "#~");
    if (cursor === undefined) at++;
  }
  return at < indexes.length ? `${at}.${shown ?? ""}` : undefined;
}

/** The indexes by day that hold a range, newest first; at most a year of them. */
export function daysOf(range: { from: number; to: number }): ViewIndex[] {
  const days: ViewIndex[] = [];
  for (let at = range.to; utcDay(at) >= utcDay(range.from) && days.length < 366; at -= DAY_MS) {
    days.push({ by: "day", day: utcDay(at) });
  }
  return days;
}

function readCursor(cursor: string | undefined): [number, string | undefined] {
  if (cursor === undefined) return [0, undefined];
  const match = /^(\d{1,4})\.(\d{4}-\d\d-\d\dT[0-9:.]{8,12}Z#[0-9a-z~]{0,26})?$/.exec(cursor);
  if (match === null) throw new SallyportError("query_invalid", "that cursor is none of ours");
  return [Number(match[1]), match[2]];
}
