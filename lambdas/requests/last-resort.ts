import type { LastResortView } from "../../api/last-resort-schemas.ts";
import { emptyQuery, listLastResortQuery } from "../../api/query-schemas.ts";
import { isoTime } from "../../core/clock.ts";
import { SallyportError } from "../../core/errors.ts";
import { useReadRight } from "../../core/review-last-resort.ts";
import { requireActivated } from "../activated.ts";
import type { Answer, Call } from "../call.ts";
import { parseQuery } from "../chain/parse.ts";
import { identify } from "../identify.ts";
import { loadUseOf, loadUses, noSuchUse, useView } from "../last-resort-uses.ts";
import type { RequestsPorts } from "../ports.ts";
import { recordRead } from "../record-read.ts";

/** Uses in one answer, each of which is read call by call. */
const PAGE = 25;
/** Lambda answers with 6 MB at most, and quotes what it answers once more. One use may be half as much as this. */
const MOST_BYTES = 1_000_000;
/** Pages of the index that are gone through for one answer. */
const MOST_PAGES = 20;

/**
 * Lists the uses of the role outside the gateway that the caller may see, those told of last first. The index locates
 * them, and their chains say what they are. A review that cannot be read is none here, and told of by
 * `getLastResort`. With `review`, those alone that it is owed of, or late. Throws
 * `query_invalid` for a cursor of nobody's.
 */
export async function listLastResort(call: Call, ports: RequestsPorts): Promise<Answer> {
  const query = parseQuery(listLastResortQuery, call.query);
  const { cursor: after } = query;
  if (after !== undefined && !/^[0-9a-hjkmnp-tv-z]{26}$/.test(after)) {
    throw new SallyportError("query_invalid", "that cursor is none of ours");
  }
  const configuration = await requireActivated(ports.events);
  const caller = await identify(configuration, call.principal, ports);
  const now = ports.clock.now();
  const items: LastResortView[] = [];
  const looked = new Set<string>();
  const rights = new Set<string>();
  let cursor = after;
  let before = after;
  let bytes = 0;
  const isFull = (): boolean => items.length >= PAGE || bytes >= MOST_BYTES;
  for (let page = 0; page < MOST_PAGES && !isFull(); page++) {
    const found = await ports.events.lastResortCalls(cursor);
    cursor = found.cursor;
    for (const { use, chain, seq, cursor: behind } of found.calls) {
      if (isFull()) {
        cursor = before;
        break;
      }
      before = behind;
      if (looked.has(use)) continue;
      looked.add(use);
      for (const one of await loadUses(ports.events, use, { listing: true })) {
        // By its last call alone, or the next page would show it again.
        if (one.newest.chain !== chain || one.newest.seq !== seq) continue;
        const right = useReadRight(ports.policy, configuration, one, caller);
        if (right === undefined) continue;
        const view = useView(one, configuration.directory, now);
        const { state } = view.review;
        if (query.review === "owed" && state === "done") continue;
        if (query.review === "overdue" && state !== "overdue") continue;
        rights.add(right);
        items.push(view);
        bytes += Buffer.byteLength(JSON.stringify(JSON.stringify(view)));
      }
    }
    if (cursor === undefined) break;
  }
  if (rights.has("audit")) {
    await recordRead(ports, call, configuration, caller, { kind: "list", id: "last-resort" });
  }
  return {
    status: 200,
    body: { items, ...(cursor === undefined ? {} : { cursor }), asOf: isoTime(now) },
  };
}

/**
 * One use, by CloudTrail's id of any of its calls. Throws `not_on_record` where there is none, and to whoever may not
 * see it; `record_corrupt` or `sealed` where its review cannot be read.
 */
export async function getLastResort(call: Call, ports: RequestsPorts): Promise<Answer> {
  parseQuery(emptyQuery, call.query);
  const configuration = await requireActivated(ports.events);
  const caller = await identify(configuration, call.principal, ports);
  const use = await loadUseOf(ports.events, call.parameters["id"] ?? "");
  if (use === undefined) throw noSuchUse();
  const right = useReadRight(ports.policy, configuration, use, caller);
  if (right === undefined) throw noSuchUse();
  const body = useView(use, configuration.directory, ports.clock.now());
  if (right === "audit") {
    const subject = { kind: "last_resort", id: body.id } as const;
    await recordRead(ports, call, configuration, caller, subject);
  }
  return { status: 200, body };
}
