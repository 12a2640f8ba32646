import { compareAssume } from "./compare-assume.ts";
import { compareExecute, compareResume, compareStart } from "./compare-execute.ts";
import type { Guarded } from "./guarded.ts";
import type { History } from "./history.ts";
import { claimOf, type SeenCall } from "./seen-call.ts";
import type { Verdict } from "./verdict.ts";

/** The request whose history a call has to be compared with; undefined where it names none. */
export function requestOf({ asked, caller }: SeenCall): string | undefined {
  const name = asked.name === "AssumeRole" ? asked.sessionName : caller.sessionName;
  return claimOf(name)?.request;
}

/** Compares one call with the record. `history` is of the request that `requestOf` names. */
export function compareCall(guarded: Guarded, call: SeenCall, history: History): Verdict {
  const { asked } = call;
  switch (asked.name) {
    case "AssumeRole":
      return compareAssume(guarded, { ...call, asked }, history);
    case "ExecuteCommand":
      return compareExecute(guarded, { ...call, asked }, history);
    case "StartSession":
      return compareStart(guarded, { ...call, asked });
    case "ResumeSession":
      return compareResume(guarded, { ...call, asked });
  }
}
