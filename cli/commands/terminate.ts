import type { Command } from "commander";
import type { RequestView } from "../../api/response-schemas.ts";
import { type TerminatedView, terminatedSchema } from "../../api/session-schemas.ts";
import type { Context } from "../context.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { Failure } from "../failure.ts";
import { readable } from "../readable.ts";
import { endWords } from "../request-view.ts";
import { getRequest, resolveId } from "../requests.ts";
import { type Shown, shown } from "../shown.ts";
import type { Start } from "../start.ts";
import { typedAgain } from "../typed-again.ts";

/** Session ids begin so; ids of requests have no `-`. */
const SESSION = "ecs-execute-command-";
const POLL_SECONDS = 15;
/** A gateway that answers at once, event or none, is not asked more often than this. */
const LEAST_MS = 500;
/** Beyond the gateway's own word: its answer has a way to go. */
const GRACE_MS = 5_000;

interface Options {
  comment?: string;
  stopTask?: true;
  wait?: true;
}

/** Ends a session: one's own, or one that the rules let one end. */
export function terminate(command: Command, start: Start): void {
  command
    .argument("<id>", "a session's id, or its request's, or any unique end of that")
    .option("--stop-task", "stop the whole task: that alone proves that nothing runs on")
    .option("--comment <text>")
    .option("--wait", "until it is over, and say how that is known")
    .action((text: string, { comment, stopTask, wait }: Options) =>
      start.withGateway(async (ctx) => {
        readable("--comment", comment);
        const sessionId = text.startsWith(SESSION)
          ? text
          : liveSessionOf(await getRequest(ctx, await resolveId(ctx, text)));
        const path = `/v1/sessions/${encodeURIComponent(sessionId)}/terminate`;
        const asked = await ctx.api.call("POST", path, {
          body: { comment, stopTask },
          schema: terminatedSchema,
        });
        if (wait !== true || asked.endsBy === undefined) return told(ctx, asked);
        if (!ctx.output.json) ctx.output.info(shown`${asked.note}`);
        return await waitForEnd(ctx, asked, Date.parse(asked.endsBy) + GRACE_MS);
      }),
    );
}

function told({ output }: Pick<Context, "output">, asked: TerminatedView): undefined {
  if (output.json) output.value(asked);
  else output.print(shown`session ${asked.sessionId}: ${asked.note}`);
}

function liveSessionOf(request: RequestView): string {
  const { id, sessions } = request;
  if (sessions.every(({ state }) => state === "failed")) throw noneOpened(request);
  const live = sessions.filter((session) => session.state === "opened");
  const [one, other] = live.flatMap(({ sessionId }) => sessionId ?? []);
  if (one === undefined) {
    throw new Failure(shown`no session of request ${id} goes on`, {
      hint: `\`sallyport show ${id}\` says how they ended`,
    });
  }
  if (other !== undefined) {
    throw new Failure(shown`more than one session of request ${id} goes on`, {
      hint: `name one: ${one}, ${other}`,
    });
  }
  return one;
}

/** There is nothing to end, and what may still open is stopped by other commands. */
function noneOpened({ id, status }: RequestView): Failure {
  return new Failure(shown`no session of request ${id} was opened`, {
    hint:
      status === "pending" || status === "approved"
        ? `\`sallyport cancel ${id}\` withdraws it, for whoever asked; \`sallyport revoke ${id}\` takes it back, for whom the rules let`
        : `\`sallyport show ${id}\` says what became of it`,
  });
}

/** Says how its end is known; 1 where it is not known by then. */
async function waitForEnd(
  ctx: Pick<Context, "api" | "output" | "settings">,
  { requestId, sessionId }: TerminatedView,
  until: number,
): Promise<ExitCode> {
  for (let after = 0; ; ) {
    const began = Date.now();
    const left = Math.max(0, Math.ceil((until - began) / 1_000));
    const seconds = Math.min(POLL_SECONDS, left);
    const request = await getRequest(ctx, requestId, { seconds, after });
    const session = request.sessions.find((one) => one.sessionId === sessionId);
    if (session?.end !== undefined) {
      const line: Shown = endWords(session.end);
      if (ctx.output.json) ctx.output.value({ sessionId, requestId, end: session.end });
      else ctx.output.print(shown`session ${sessionId} is over ${line}`);
      return exitCodes.ended;
    }
    if (left === 0) break;
    after = request.seq;
    const spent = Date.now() - began;
    if (spent < LEAST_MS) await new Promise((resolve) => setTimeout(resolve, LEAST_MS - spent));
  }
  throw new Failure(shown`session ${sessionId} is not known to be over yet`, {
    exitCode: exitCodes.failed,
    hint: [
      "the sweeper tries again until it is",
      `what is on record: ${typedAgain(ctx.settings, "show", requestId)}`,
    ],
  });
}
