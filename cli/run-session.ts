import { lockListSchema, type RequestView } from "../api/response-schemas.ts";
import { type OpenedSession, openedSessionSchema } from "../api/session-schemas.ts";
import { approvedCard } from "./as-asked.ts";
import { askAgain } from "./ask-again.ts";
import { attachSession } from "./attach-session.ts";
import type { Context } from "./context.ts";
import { type After, cannotBeRejoined, endOfSession } from "./end-of-session.ts";
import { printableJson } from "./escape.ts";
import type { ExitCode } from "./exit-codes.ts";
import { lacksLines } from "./lacks-view.ts";
import { withWayOn } from "./not-opened.ts";
import { requireOpenedAsApproved } from "./opened-as-approved.ts";
import { getRequest, requestPath } from "./requests.ts";
import { shown } from "./shown.ts";
import { typedAgain } from "./typed-again.ts";
import { waitForDecision } from "./wait.ts";
import { type Cut, whyCut } from "./why-cut.ts";

/**
 * From a request to the end of its session: says what is missing, waits, opens, attaches and says why it
 * ended. Opening is tried once. Answers 0 where the session ended by itself; throws Failure otherwise, as
 * `waitForDecision` and opening do, and: 123 cut, 1 failed or let go, 125 the connection was lost and the command
 * may run on, 124 it never came about.
 *
 * With --json standard output still holds the session's own bytes and nothing else: `asked`, `opened`,
 * `notice` and `ended` are lines of JSON on standard error, and never hold the session's token.
 *
 * `replace` names the session that is to be ended first.
 */
export async function runSession(
  ctx: Context,
  request: RequestView,
  waitMs: number,
  replace?: string,
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
  const card = approvedCard(request, await waitForDecision(ctx, request, { waitMs }));
  const { target } = card;
  const again = askAgain(ctx.settings, card);
  const opened = await api
    .call("POST", requestPath(request.id, "/sessions"), {
      schema: openedSessionSchema,
      body: { replace },
    })
    .catch((error: unknown) => {
      throw withWayOn(error, ctx.settings, { id: request.id, again });
    });
  requireOpenedAsApproved({ id: request.id, target }, opened);
  const { session, sallyport, taskArn, containerName } = opened;
  report({ event: "opened", sessionId: session.sessionId, taskArn, containerName, sallyport });
  if (!output.json) {
    output.info(
      shown`session ${session.sessionId} in ${containerName} of ${taskArn}, approved until ${sallyport.expiresAt}`,
    );
  }
  const after = (): After => ({
    expiresAt: Date.parse(sallyport.expiresAt),
    now: Date.now(),
    again,
    isBreakGlass: card.breakGlass === true,
    look: typedAgain(ctx.settings, "show", request.id),
  });
  const end = await attachSession(opened, {
    io,
    onNotice: notice,
    allowLoopback: api.loopback,
    onSignal: () => notice(cannotBeRejoined(after())),
  });
  report({ event: "ended", sessionId: session.sessionId, end });
  const cut = end.kind === "ended" ? await cutOf(ctx, request.id, opened) : undefined;
  return endOfSession(end, output, { ...after(), cut });
}

/** Why the session was cut. That the gateway does not answer now is no news about a session that is over. */
async function cutOf(
  ctx: Context,
  id: string,
  { session, sallyport }: OpenedSession,
): Promise<Cut | undefined> {
  try {
    const [request, locks] = await Promise.all([
      getRequest(ctx, id),
      ctx.api.call("GET", "/v1/locks", { query: { request: id }, schema: lockListSchema }),
    ]);
    const expiresAt = Date.parse(request.grant?.expiresAt ?? sallyport.expiresAt);
    return whyCut(request, session.sessionId, expiresAt, Date.now(), locks.items);
  } catch {
    return undefined;
  }
}
