import { describe, expect, it } from "vitest";
import type { ProblemDocument } from "../../api/problems.ts";
import { type ExitCode, exitCodes } from "../../cli/exit-codes.ts";
import { Failure } from "../../cli/failure.ts";
import { withWayOn } from "../../cli/not-opened.ts";

const typed = { program: "sallyport", globalOptions: { as: "dev" } };
const again = "sallyport --as dev exec api --reason '$&'";

/** The hints of an open that failed so. */
function hints(code: string, hint: string, more: { exitCode?: ExitCode; seconds?: number } = {}) {
  const failure = new Failure("it failed", {
    hint,
    exitCode: more.exitCode ?? exitCodes.failed,
    problem: { code } as ProblemDocument,
    retryAfterSeconds: more.seconds ?? 0,
  });
  const told = withWayOn(failure, typed, { id: "abc", again }) as Failure;
  expect(told).toMatchObject({ said: "it failed", exitCode: failure.exitCode, problem: { code } });
  return told.hints;
}

describe("an open that failed", () => {
  it("and may have started the command says so, and what to hand to a colleague", () => {
    expect(hints("outcome_unknown", "ask again", { exitCode: exitCodes.unknown })).toEqual([
      expect.stringMatching(/may be running, and asking again may run it twice/),
      "open again then with: sallyport --as dev attach abc",
      "what is on record: sallyport --as dev show abc",
      "for a colleague to look: sallyport --as NAME show abc",
      "for a colleague to take the approval back: sallyport --as NAME revoke abc",
    ]);
  });

  it.each(["throttled", "rate_limited"])(
    "because of %s says how long to wait, and the line that opens again",
    (code) => {
      expect(hints(code, "wait", { seconds: 5 })).toEqual([
        "the approval still stands: wait 5 seconds, then open again with: sallyport --as dev attach abc",
      ]);
    },
  );

  it("and left the approval as it was gives the line that opens again", () => {
    expect(hints("agent_not_running", "wait a minute")).toEqual([
      "wait a minute",
      "once that is mended, open again with: sallyport --as dev attach abc",
    ]);
  });

  it("for its use is taken gives a line for each thing to do", () => {
    const said =
      "ask again with `sallyport exec`; or open it anew with `sallyport attach abc --replace`";
    expect(hints("session_already_opened", said)).toEqual([
      `ask again with ${again}`,
      "or open it anew with `sallyport attach abc --replace`",
    ]);
  });

  it("for good gives the line that asks for the same", () => {
    expect(hints("target_changed", "ask again with `sallyport exec`")).toEqual([
      `ask again with ${again}`,
    ]);
  });
});
