import { isoTime } from "../core/clock.ts";
import type { Recovery } from "../core/recovery.ts";
import type { RestoreLook } from "../core/restore-plan.ts";
import { counted } from "./counted.ts";
import { type Shown, shown } from "./shown.ts";

/** Problems are shown up to so many; the rest are counted. */
const MOST_PROBLEMS = 10;

/** What a restored table holds, to whoever is to open it. */
export function restoreLines(
  { table, unlike }: Pick<Recovery, "table" | "unlike">,
  told: {
    look: RestoreLook;
    broken: readonly string[];
    putBack: number;
    /** Numbers of the sets among those events that come into force with them. */
    setsPutBack: readonly number[];
  },
): Shown[] {
  const { look, broken, putBack, setsPutBack } = told;
  const { voids, stays, newest } = look;
  const isSound = broken.length === 0 ? "verifies" : counted(broken.length, "problem");
  const more = broken.length - MOST_PROBLEMS;
  return [
    shown`table       ${table.name} (${table.arn})`,
    shown`recorded    ${look.recordedTable ?? "nowhere: nothing was ever in force"}${kindWords[look.kind]}`,
    ...(newest === undefined
      ? []
      : [shown`newest      ${newest.chain} #${newest.seq} of ${isoTime(newest.at)}`]),
    shown`record      ${counted(look.events, "event")} of ${counted(look.chains, "chain")}: ${isSound}`,
    ...(putBack === 0 ? [] : [shown`put back    ${counted(putBack, "event")} from the export`]),
    ...setsPutBack.map(
      (seq) => shown`put back    other rules: #${seq}, which only the export knows was in force`,
    ),
    shown`in force    #${look.configuration}${look.highestNamed > look.configuration ? ` (events name up to #${look.highestNamed})` : ""}`,
    shown`void        ${voids.pending} pending, ${voids.granted} granted, ${counted(voids.holds, "held container")}`,
    shown`to end      ${counted(look.ends.length, "request")} with something running`,
    shown`stays       ${counted(stays.locks, "lock")}, ${counted(stays.reviewsOwed, "review")} owed`,
    ...broken.slice(0, MOST_PROBLEMS).map((line) => shown`problem     ${line}`),
    ...(more > 0 ? [shown`problem     and ${more} more`] : []),
    ...unlike.map((line) => shown`table is unlike the stack's: ${line}`),
  ];
}

const kindWords: { [kind in RestoreLook["kind"]]: string } = {
  empty: "",
  in_use: ": it is this one, and open",
  sealed: ": it is another one, and this is sealed",
};
