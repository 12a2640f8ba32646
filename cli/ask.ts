import { type RequestView, requestSchema } from "../api/response-schemas.ts";
import { requireAsAsked } from "./as-asked.ts";
import type { Context } from "./context.ts";
import { withDefaultCluster } from "./default-cluster.ts";
import { Failure, usage } from "./failure.ts";
import { openRequestFor } from "./open-request.ts";
import { askLine, isAttended } from "./prompt.ts";
import { readable } from "./readable.ts";
import { shown } from "./shown.ts";
import type { Target } from "./target.ts";
import type { Wish } from "./wish.ts";

/**
 * Asks for a session and answers the request as it stands then. On a terminal a missing reason, and a
 * container where there are several, are asked for. Throws Failure: 2 where there is no reason, 120 where a
 * rule or preflight refuses, 1 where the gateway put something else on the card.
 */
export async function askFor(
  ctx: Context,
  wish: Wish,
  route: "/v1/requests" | "/v1/break-glass" = "/v1/requests",
): Promise<RequestView> {
  const { command, ticket, durationMinutes, startAt } = wish;
  const reason = wish.reason ?? (await askedReason(ctx));
  const create = async (target: Target): Promise<RequestView> => {
    const asked = await ctx.api.call("POST", route, {
      schema: requestSchema,
      body: { target, command, reason, ticket, durationMinutes, startAt },
    });
    requireAsAsked(asked, { target, command, startAt });
    return asked;
  };
  try {
    return await create(wish.target);
  } catch (error) {
    const told = withDefaultCluster(error, wish.target);
    const several = error instanceof Failure && error.problem?.code === "container_required";
    if (!several || !isAttended(ctx.io)) throw told;
    ctx.output.info(shown`${error.message}${error.hint === undefined ? "" : `: ${error.hint}`}`);
    const container = await askLine(ctx.io, "Container:");
    if (container === "") throw error;
    return await create({ ...wish.target, container });
  }
}

/** A second exec of the same thing is the first one, taken up again: nobody is asked twice. */
export async function continueOrAsk(ctx: Context, wish: Wish): Promise<RequestView> {
  const open = await openRequestFor(ctx.api, wish).catch((error: unknown) => {
    throw withDefaultCluster(error, wish.target);
  });
  if (open === undefined) return await askFor(ctx, wish);
  if (!ctx.output.json) {
    ctx.output.info(
      shown`continuing your open request ${open.id}, asked ${open.askedAt} because: ${open.reason}`,
    );
    if (wish.reason !== undefined && wish.reason !== open.reason) {
      ctx.output.info(
        shown`approvers see that reason and not your new one: cancel ${open.id} first to ask with it`,
      );
    }
    if (wish.ticket !== undefined && wish.ticket !== open.ticket) {
      ctx.output.info(
        shown`its ticket is ${open.ticket ?? "none"} and not your new one: cancel ${open.id} first to ask with it`,
      );
    }
  }
  return open;
}

async function askedReason({ io }: Pick<Context, "io">): Promise<string> {
  const reason = isAttended(io) ? await askLine(io, "Reason:") : "";
  if (reason === "") throw usage("no reason is given", "--reason TEXT: approvers read it");
  return readable("--reason", reason);
}
