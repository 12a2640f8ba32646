import type { LockView } from "../api/response-schemas.ts";
import type { SessionEnd } from "../session/session-end.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { Failure } from "./failure.ts";
import { standsUntil, unlockText } from "./lock-view.ts";
import type { Output } from "./output.ts";
import { shown } from "./shown.ts";
import type { Cut } from "./why-cut.ts";

/** What ECS itself does with a session that nobody types into and that prints nothing. */
const IDLE_MINUTES = 20;

/** The sweeper runs each minute, and needs a moment. */
const LATEST_MS = 70_000;

/** What a person can do after a session, and what still runs: for the texts of its end. */
export interface After {
  /** Epoch milliseconds at which the approval's time is over. */
  expiresAt: number;
  /** Epoch milliseconds. */
  now: number;
  /** The command line that asks for the same again, where there is one. */
  again: string | undefined;
  /** Nobody was asked for it: what goes on, goes on by breaking the glass once more. */
  isBreakGlass?: boolean;
  /** The one that shows the request. */
  look: string;
  /** Why the gateway ended it, where the record says that it did. */
  cut?: Cut | undefined;
}

/** What is true of a session whose client is gone. */
function runsOn({ expiresAt, now }: After): string {
  const idle = clock(now + IDLE_MINUTES * 60_000);
  return `the session runs on in the container until its command exits or, where nothing more is printed, until ECS ends it at ${idle}; the gateway ends it by ${clock(expiresAt + LATEST_MS)}`;
}

const NOT_REJOINED = "it cannot be rejoined yet";

/** For whoever is about to go. Safe to show. */
export function cannotBeRejoined(after: After): string {
  return `${runsOn(after)}; ${NOT_REJOINED}`;
}

function clock(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, "Z");
}

function goOn({ again, isBreakGlass }: After): string {
  return isBreakGlass === true
    ? `to go on, break the glass again: ${again ?? "`sallyport break-glass`"}`
    : `to go on, ask again: ${again ?? "`sallyport exec`"}`;
}

/** Asking again is refused before that. */
function whileLocked(lock: LockView): string {
  return `nothing opens there while it is locked, and ${standsUntil(lock)}; ${unlockText(lock)}`;
}

/** The exit status of a session that ended by itself; throws Failure for every other end: 123 where it was cut. */
export function endOfSession(
  end: SessionEnd,
  output: Pick<Output, "info" | "json">,
  after: After,
): ExitCode {
  switch (end.kind) {
    case "ended":
      if (after.cut !== undefined) {
        const { why, lock } = after.cut;
        throw new Failure(`the session was cut: ${why}`, {
          exitCode: exitCodes.cut,
          hint: [`on record: ${after.look}`, lock === undefined ? goOn(after) : whileLocked(lock)],
        });
      }
      // The protocol does not tell an exit from a termination, and has no exit status.
      if (!output.json) {
        output.info("the session ended: its command has exited, or was ended from outside");
        output.info(shown`on record: ${after.look}`);
        if (after.again !== undefined) output.info(shown`the same again: ${after.again}`);
      }
      return exitCodes.ended;
    case "failed":
      // These texts have been made safe to show where they came in.
      throw new Failure(shown`the session failed: ${{ shown: end.text }}`, {
        hint: [end.remedy, goOn(after)],
      });
    case "connection_lost":
      throw new Failure(
        { shown: end.text },
        {
          exitCode: end.begun ? exitCodes.unknown : exitCodes.unreachable,
          hint: [end.begun ? runsOn(after) : end.remedy, NOT_REJOINED, goOn(after)],
        },
      );
    case "stopped":
      throw new Failure("the session was let go", {
        hint: [runsOn(after), NOT_REJOINED, goOn(after)],
      });
  }
}
