import type { RequestView } from "../api/response-schemas.ts";
import { askAgain } from "./ask-again.ts";
import type { Context } from "./context.ts";
import { exitCodes } from "./exit-codes.ts";
import { Failure } from "./failure.ts";
import { lacksText } from "./lacks-view.ts";
import { outcomeWords } from "./request-view.ts";
import { getRequest } from "./requests.ts";
import { shown } from "./shown.ts";
import { typedByAnother, wayBack } from "./typed-again.ts";

/** One long poll: below the 20 s that the gateway allows, and below API Gateway's own 30. */
const POLL_SECONDS = 15;
/** A gateway that answers at once, event or none, is not asked more often than this. */
const LEAST_MS = 500;
/** After as long without a decision, a person is told whom to remind, and how. */
const SILENCE_MS = 5 * 60_000;

export interface WaitOptions {
  /** 0 does not wait. */
  waitMs: number;
  /** Epoch milliseconds. */
  now?: () => number;
  /** Of our own process: Ctrl-C while waiting. */
  own?: Pick<NodeJS.Process, "on" | "off">;
}

/**
 * Waits until a request is decided, and answers it once it is approved. A person who waits sees what is missing and
 * who can give it, and after five minutes without an answer the line to send them. Ctrl-C ends the waiting and
 * leaves the request as it is.
 *
 * Throws Failure: 121 denied or withdrawn, 120 refused, 122 lapsed or still waiting (with how to come back), 123
 * revoked.
 */
export async function waitForDecision(
  ctx: Pick<Context, "api" | "output" | "settings">,
  request: RequestView,
  options: WaitOptions,
): Promise<RequestView> {
  const now = options.now ?? Date.now;
  const own = options.own ?? process;
  const until = now() + options.waitMs;
  const interrupt = new AbortController();
  const { signal } = interrupt;
  const onInterrupt = (): void => interrupt.abort();
  let view = request;
  let heard = now();
  let reminded = false;
  if (view.status === "pending" && options.waitMs > 0) {
    own.on("SIGINT", onInterrupt);
    const spinner = ctx.output.spinner(waitingText(view));
    try {
      for (let left = options.waitMs; view.status === "pending" && left > 0; left = until - now()) {
        const asked = now();
        const { seq } = view;
        view = await getRequest(ctx, view.id, {
          seconds: Math.min(POLL_SECONDS, Math.ceil(left / 1_000)),
          after: view.seq,
          signal,
        });
        if (view.status !== "pending") break;
        spinner.update(waitingText(view));
        if (view.seq !== seq) {
          heard = now();
          reminded = false;
        }
        if (!reminded && now() - heard >= SILENCE_MS) {
          reminded = true;
          remind(ctx, view);
        }
        if (now() - asked < LEAST_MS) await pause(LEAST_MS, signal);
      }
    } catch (error) {
      if (!signal.aborted) throw withWayBack(error, ctx, view.id);
    } finally {
      spinner.stop();
      own.off("SIGINT", onInterrupt);
    }
  }
  // Whose session it was and why it opens no more, the gateway says to whoever opens it again.
  if (view.status === "approved" || view.status === "closed") return view;
  throw notApproved(ctx, view);
}

function waitingText(view: RequestView): ReturnType<typeof shown> {
  return shown`waiting for ${lacksText(view, true)}`;
}

function remind(
  { output, settings }: Pick<Context, "output" | "settings">,
  view: RequestView,
): void {
  if (output.json) return;
  const line = typedByAnother(settings, "approve", view.id);
  output.info(shown`nobody has answered for five minutes; it takes ${lacksText(view, true)}`);
  output.info(shown`send them: "${view.requester.name} waits for you, please look: ${line}"`);
}

function notApproved(ctx: Pick<Context, "output" | "settings">, view: RequestView): Failure {
  const why = outcomeWords(view);
  const again =
    (view.card?.kind === "exec" ? askAgain(ctx.settings, view.card) : undefined) ??
    "`sallyport exec`";
  switch (view.status) {
    case "pending":
      return new Failure(`request ${view.id} stands, and still waits for decisions`, {
        exitCode: exitCodes.waiting,
        hint: wayBack(ctx.settings, view.id),
      });
    case "lapsed":
      return new Failure(`request ${view.id} has lapsed${why}`, {
        exitCode: exitCodes.waiting,
        hint: `ask again: ${again}`,
      });
    case "denied": {
      const denials = view.decisions.filter(({ decision }) => decision === "deny");
      const by = denials
        .map(({ person, comment }) => (comment === undefined ? person : `${person} ("${comment}")`))
        .join(", ");
      return new Failure(`request ${view.id} was denied by ${by === "" ? "a person" : by}`, {
        exitCode: exitCodes.denied,
      });
    }
    case "cancelled":
      return new Failure(`request ${view.id} was withdrawn${why}`, { exitCode: exitCodes.denied });
    case "revoked":
      return new Failure(`request ${view.id} was revoked${why}`, { exitCode: exitCodes.cut });
    case "refused":
      return new Failure(`request ${view.id} was refused${why}`, { exitCode: exitCodes.refused });
    case "closed":
    case "approved":
      throw new Error("an approved request was taken for one that is not");
  }
}

/** A gateway that went away took nothing with it: the request is on record. */
function withWayBack(error: unknown, ctx: Pick<Context, "settings">, id: string): unknown {
  if (!(error instanceof Failure) || error.exitCode !== exitCodes.unreachable) return error;
  return error.withHints(...wayBack(ctx.settings, id));
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      "abort",
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
