import { counted } from "./counted.ts";
import { exitCodes } from "./exit-codes.ts";
import { Failure } from "./failure.ts";
import { type Typed, typedAgain, typedByAnother } from "./typed-again.ts";

/** After these the use of the approval is free again: whoever asked opens once more, and asks nobody. */
const STILL_APPROVED: readonly string[] = [
  "throttled",
  "rate_limited",
  "limits_unavailable",
  "gateway_credentials",
  "agent_not_running",
  "target_not_connected",
  "aws_client_error",
];

/** A line to be pasted stands by itself: beside one the output takes the commands of a text as they are. */
function oneCommandEach(hint: string): string[] {
  return hint.split("`sallyport ").length > 2 ? hint.split("; ") : [hint];
}

/**
 * An open that failed, with what the person can do now about this very request; `again` is the line that asks
 * for the same once more. Where nobody knows whether
 * the command runs, asking again is the last thing to do, and others may have to look and stop it.
 */
export function withWayOn(
  error: unknown,
  typed: Typed,
  { id, again }: { id: string; again: string | undefined },
): unknown {
  if (!(error instanceof Failure)) return error;
  if (error.exitCode === exitCodes.unknown) {
    return error.hinting([
      "the command may be running, and asking again may run it twice: what was started is found and ended within two minutes, and then this approval opens again",
      `open again then with: ${typedAgain(typed, "attach", id)}`,
      `what is on record: ${typedAgain(typed, "show", id)}`,
      `for a colleague to look: ${typedByAnother(typed, "show", id)}`,
      `for a colleague to take the approval back: ${typedByAnother(typed, "revoke", id)}`,
    ]);
  }
  const code = error.problem?.code ?? "";
  if (code === "not_started") {
    return error.hinting([`open it then with: ${typedAgain(typed, "attach", id)}`]);
  }
  if (!STILL_APPROVED.includes(code)) {
    return error.hinting(
      error.hints.flatMap(oneCommandEach).map((hint) => {
        return hint.replace("`sallyport exec`", (exec) => again ?? exec);
      }),
    );
  }
  const attach = typedAgain(typed, "attach", id);
  return ["throttled", "rate_limited"].includes(code) && error.retryAfterSeconds > 0
    ? error.hinting([
        `the approval still stands: wait ${counted(error.retryAfterSeconds, "second")}, then open again with: ${attach}`,
      ])
    : error.withHints(`once that is mended, open again with: ${attach}`);
}
