import { openedSessionSchema, type RequestView } from "../api/response-schemas.ts";
import type { SessionEnd } from "../session/session-end.ts";
import { approvedCard } from "./as-asked.ts";
import { attachSession } from "./attach-session.ts";
import type { Context } from "./context.ts";
import { printableJson } from "./escape.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { Failure } from "./failure.ts";
import { lacksLines } from "./lacks-view.ts";
import { requireOpenedAsApproved } from "./opened-as-approved.ts";
import type { Output } from "./output.ts";
import { requestPath } from "./requests.ts";
import { shown } from "./shown.ts";
import { waitForDecision } from "./wait.ts";

const NOT_REJOINED =
  "the session may run on in the container, and cannot be rejoined yet: to go on, ask again with sallyport exec";

/**
 * From a request to the end of its session: says what is missing, waits, opens, attaches and says why it
 * ended. Opening is tried once. Answers 0 where the session ended by itself; throws Failure otherwise, as
 * `waitForDecision` and opening do, and: 1 failed or let go, 125 the connection was lost and the command
 * may run on, 124 it never came about.
 *
 * With --json standard output still holds the session's own bytes and nothing else: `asked`, `opened`,
 * `notice` and `ended` are lines of JSON on standard error, and never hold the session's token.
 */
export async function runSession(
  ctx: Context,
  request: RequestView,
  waitMs: number,
): Promise<ExitCode> {
  const { output, io, api } = ctx;
  const report = (event: { [member: string]: unknown }): void => {
    if (output.json) io.stderr.write(`${printableJson(event)}\n`);
  };
  const notice = (text: string): void => {
    if (output.json) report({ event: "notice", text });
    else output.info(text);
  };
  report({ event: "asked", request });
  if (!output.json) {
    output.info(shown`request ${request.id} is ${request.status}`);
    if (request.status === "pending") for (const line of lacksLines(request)) output.info(line);
  }
  const { target } = approvedCard(request, await waitForDecision(ctx, request, { waitMs }));
  const opened = await api.call("POST", requestPath(request.id, "/sessions"), {
    schema: openedSessionSchema,
    body: {},
  });
  requireOpenedAsApproved({ id: request.id, target }, opened);
  const { session, sallyport, taskArn, containerName } = opened;
  report({ event: "opened", sessionId: session.sessionId, taskArn, containerName, sallyport });
  if (!output.json) {
    output.info(
      shown`session ${session.sessionId} in ${containerName} of ${taskArn}, approved until ${sallyport.expiresAt}`,
    );
  }
  const end = await attachSession(opened, {
    io,
    onNotice: notice,
    allowLoopback: api.loopback,
    onSignal: () => notice(NOT_REJOINED),
  });
  report({ event: "ended", sessionId: session.sessionId, end });
  return statusOf(end, output);
}

/** The exit status of a session that ended by itself; throws Failure for every other end. */
export function statusOf(end: SessionEnd, output: Pick<Output, "info" | "json">): ExitCode {
  switch (end.kind) {
    case "ended":
      // The protocol does not tell an exit from a termination, and has no exit status.
      if (!output.json) output.info("the session ended");
      return exitCodes.ended;
    case "failed":
      // These texts have been made safe to show where they came in.
      throw new Failure(shown`the session failed: ${{ shown: end.text }}`, { hint: end.remedy });
    case "connection_lost":
      throw new Failure(
        { shown: end.text },
        {
          exitCode: end.begun ? exitCodes.unknown : exitCodes.unreachable,
          hint: end.begun ? NOT_REJOINED : `${end.remedy} It cannot be rejoined yet.`,
        },
      );
    case "stopped":
      throw new Failure("the session was let go", { hint: NOT_REJOINED });
  }
}
