import type { Caller } from "../../core/caller.ts";
import { isoTime, utcDay } from "../../core/clock.ts";
import { SallyportError } from "../../core/errors.ts";
import { type ReadRight, readRight, rightTo } from "../../core/may-read.ts";
import type { Configuration } from "../../core/policy-engine.ts";
import type { RequestState } from "../../core/request-state.ts";
import type { Fenced } from "../../core/restored.ts";
import type { FoundRow, ViewIndex } from "../../core/views.ts";
import type { Call } from "../call.ts";
import { loadRequest } from "../load-request.ts";
import type { RequestsPorts } from "../ports.ts";
import { recordRead } from "../record-read.ts";

const ROWS = 100;
const AT_ONCE = 25;
/** Lists looked into for one answer: one that holds little for the caller comes back with a cursor instead of late. */
const MOST_INDEXES = 12;
/** Rows passed over for one answer, so that none takes for ever. */
const MOST_ROWS = 5_000;
/** Lambda answers with 6 MB at most, and quotes what it answers once more. */
const MOST_BYTES = 2_000_000;
const DAY_MS = 86_400_000;

/**
 * Walks the rows of the views, newest first, folds from its chain each request that the caller may see, and
 * hands it over; `take` answers how many bytes it puts into the answer. Returns where to go on, or undefined
 * at the end.
 *
 * A request that the caller may not see costs them nothing they could measure: its row says who may see it, so
 * its chain is not read, and it does not count. A cursor is the place of a request that was handed over, or the
 * edge of a list; only past 5,000 rows in a list does it stand beside a hidden one. Where something is handed
 * over by the right of `audit`, that the reader looked through the list is on record first. Throws
 * `query_invalid` for a cursor of nobody's.
 */
export async function walkViews(
  call: Call,
  ports: RequestsPorts,
  configuration: Configuration & Fenced,
  caller: Caller,
  walk: {
    list: "requests" | "sessions";
    indexes: ViewIndex[];
    range: { from: number; to: number };
    cursor: string | undefined;
    enough(): boolean;
    take(state: RequestState): number;
  },
): Promise<string | undefined> {
  const { indexes, range } = walk;
  const rights = new Set<ReadRight>();
  const [start, after] = readCursor(walk.cursor, range);
  let cursor = after;
  let bytes = 0;
  let passed = 0;
  const finish = async (next: string | undefined): Promise<string | undefined> => {
    if (rights.has("audit")) {
      await recordRead(ports, call, configuration, caller, { kind: "list", id: walk.list });
    }
    return next;
  };
  const mayBeShown = rowFilter(ports, configuration, caller);
  for (let at = start; at < indexes.length; at++) {
    // What the list of owed reviews has shown is not shown again further down.
    const isShownAbove = indexes[0]?.by === "review" && at > 0;
    const isShown = (row: FoundRow) => !(isShownAbove && row.reviewOwed) && mayBeShown(row);
    if (at - start >= MOST_INDEXES) return await finish(`${at}.`);
    for (let more = true; more; ) {
      const page = await ports.views.page(indexes[at] as ViewIndex, range, cursor, ROWS);
      ({ more } = page);
      for await (const { row, state } of loadShown(ports, configuration, page.rows, isShown)) {
        cursor = row.sort;
        passed += 1;
        if (state === undefined) continue;
        const right = readRight(ports.policy, configuration, state, caller);
        if (right === undefined) continue;
        const size = walk.take(state);
        if (size > 0) rights.add(right);
        bytes += size;
        if (walk.enough() || bytes >= MOST_BYTES) return await finish(`${at}.${cursor}`);
      }
      // `~` sorts after every id: the whole millisecond of a row that is not shown is looked at again.
      if (more && passed >= MOST_ROWS) {
        return await finish(`${at}.${(cursor ?? "").replace(/#.*$/, "#~")}`);
      }
    }
    cursor = undefined;
  }
  return await finish(undefined);
}

/** Rows in their order, with the request of each that may be shown; so many chains are read at once. */
async function* loadShown(
  ports: RequestsPorts,
  under: Fenced,
  rows: readonly FoundRow[],
  isShown: (row: FoundRow) => boolean,
): AsyncGenerator<{ row: FoundRow; state: RequestState | undefined }> {
  for (let from = 0; from < rows.length; from += AT_ONCE) {
    const loaded = await Promise.all(
      rows.slice(from, from + AT_ONCE).map(async (row) => ({
        row,
        state: isShown(row) ? (await loadRequest(ports.events, row.id, under)).state : undefined,
      })),
    );
    yield* loaded;
  }
}

/** Whether a row may be of a request that the caller sees, judged once for all that have the same readers. */
function rowFilter(
  ports: RequestsPorts,
  configuration: Configuration,
  caller: Caller,
): (row: FoundRow) => boolean {
  const known = new Map<string, boolean>();
  return ({ readers }) => {
    if (readers === undefined) return true;
    const key = JSON.stringify(readers);
    const before = known.get(key);
    if (before !== undefined) return before;
    const shown = rightTo(ports.policy, configuration, readers, caller) !== undefined;
    known.set(key, shown);
    return shown;
  };
}

/** From when to when a list looks: the last 30 days where it is not said. Throws `query_invalid`. */
export function rangeOf(
  query: { from?: string | undefined; to?: string | undefined },
  now: number,
): { from: number; to: number } {
  const to = query.to === undefined ? now : Date.parse(query.to);
  const from = query.from === undefined ? now - 30 * DAY_MS : Date.parse(query.from);
  if (from <= to) return { from, to };
  throw new SallyportError("query_invalid", "`from` is after `to`", {
    issues: [{ pointer: "?from", detail: "after `to`" }],
    hint: "`from` is the earlier of the two",
  });
}

/** The indexes by day that hold a range, newest first; at most a year of them. */
export function daysOf(range: { from: number; to: number }): ViewIndex[] {
  const days: ViewIndex[] = [];
  for (let at = range.to; utcDay(at) >= utcDay(range.from) && days.length < 366; at -= DAY_MS) {
    days.push({ by: "day", day: utcDay(at) });
  }
  return days;
}

const NONE_OF_OURS = "that cursor is none of ours";

function readCursor(
  cursor: string | undefined,
  range: { from: number; to: number },
): [number, string | undefined] {
  if (cursor === undefined) return [0, undefined];
  const match = /^(\d{1,4})\.(?:(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)#[0-9a-z]{0,26}~?)?$/.exec(
    cursor,
  );
  if (match === null) throw new SallyportError("query_invalid", NONE_OF_OURS);
  const [, index, time] = match;
  if (time === undefined) return [Number(index), undefined];
  if (time > isoTime(range.to)) {
    throw new SallyportError("query_invalid", `${NONE_OF_OURS}, or of another range`);
  }
  // What is before the range now, as 30 days ago goes on, ends its list.
  if (time < isoTime(range.from)) return [Number(index) + 1, undefined];
  return [Number(index), cursor.slice(cursor.indexOf(".") + 1)];
}
