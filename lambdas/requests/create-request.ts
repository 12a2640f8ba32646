import { createRequestSchema } from "../../api/request-schemas.ts";
import { ask } from "../../core/ask.ts";
import { bytesToHex } from "../../core/digest.ts";
import { SallyportError } from "../../core/errors.ts";
import { nextEvent } from "../../core/event.ts";
import { checkCommand } from "../../core/facts.ts";
import { foldRequest } from "../../core/fold-request.ts";
import { requestId } from "../../core/ids.ts";
import { parseTarget } from "../../core/target.ts";
import { CONF, LOCK, lockSeq, requireActivated } from "../activated.ts";
import type { Answer, Call } from "../call.ts";
import { notSupported, parseBody, withinBytes } from "../chain/parse.ts";
import { circumstancesOf } from "../circumstances.ts";
import { commit } from "../commit.ts";
import { identify, principalText } from "../identify.ts";
import { loadRequest } from "../load-request.ts";
import type { RequestsPorts } from "../ports.ts";
import { repeatable, requireOwnRepeat } from "../repeat.ts";
import { requestView } from "../request-view.ts";
import { isWindows, loadSite } from "../site.ts";

const ROUTE = "POST /v1/requests";

/**
 * Asks: reads the wish, looks at the target, judges, and puts the request on record with its card, or its
 * refusal. Fenced on the activated set, so that what is asked was judged by the rules in force.
 */
export async function createRequest(call: Call, ports: RequestsPorts): Promise<Answer> {
  const body = parseBody(createRequestSchema, call.body);
  notSupported(body, ["startAt", "onBehalfOf"]);
  withinBytes(body);
  if (body.interactive === false) {
    throw new SallyportError("interactive_required", "ECS Exec only has interactive sessions", {
      issues: [{ pointer: "/interactive", detail: "must be true or left out" }],
      aws: {
        error: "InvalidParameterException",
        message: "Interactive is the only mode supported currently.",
      },
    });
  }
  const parsed = parseTarget(body.target, ports.deployment.territory);
  if (parsed.kind === "invalid") {
    throw new SallyportError(parsed.code, parsed.detail, {
      issues: [{ pointer: parsed.pointer, detail: parsed.detail }],
    });
  }
  const id = requestId(
    principalText(call.principal),
    ROUTE,
    call.idempotencyKey ?? bytesToHex(ports.random(16)),
  );
  const repeat = repeatable(call, ROUTE);

  const tell = await commit<() => Answer>(ports, call.deadline, async () => {
    const [configuration, locks, before] = await Promise.all([
      requireActivated(ports.events),
      lockSeq(ports.events),
      loadRequest(ports.events, id),
    ]);
    const caller = identify(configuration, call.principal, ports.deployment);
    if (before.state.stage !== "absent") {
      requireOwnRepeat(before.state, caller, call, repeat);
      return { events: [], result: told(before.state, configuration, ports.clock.now()) };
    }
    const site = await loadSite(ports, configuration, caller, parsed.target);
    const checked = checkCommand(body.command, {
      ticket: body.ticket !== undefined,
      windows: isWindows(site),
    });
    if (checked.kind === "invalid") {
      throw new SallyportError("command_invalid", checked.issue.detail, {
        issues: [checked.issue],
      });
    }
    const now = ports.clock.now();
    const asked = ask(
      ports.policy,
      configuration,
      caller,
      site,
      {
        command: body.command,
        argv: checked.words,
        facts: checked.facts,
        reason: body.reason,
        ticket: body.ticket,
        durationMinutes: body.durationMinutes,
        bodyHash: call.bodyHash,
        repeat,
      },
      now,
    );
    const event = nextEvent(
      before.state.tail,
      asked.body,
      circumstancesOf(call, ports, configuration, caller, now),
    );
    return {
      events: [event],
      fences: [
        { chain: CONF, seq: configuration.seq },
        { chain: LOCK, seq: locks },
      ],
      result:
        asked.kind === "refused"
          ? () => {
              const { code, message, details } = asked.error;
              throw new SallyportError(code, message, {
                ...details,
                members: { ...details.members, requestId: id },
              });
            }
          : told(foldRequest(id, [event]), configuration, now),
    };
  });
  return tell();
}

/** What the caller is told of a request that is on record: the same again when the call is repeated. */
function told(
  state: ReturnType<typeof foldRequest>,
  configuration: Parameters<typeof requestView>[1],
  now: number,
): () => Answer {
  return () => {
    if (state.stage === "refused") {
      throw new SallyportError(
        (state.outcome?.code ?? "refused_by_rule") as SallyportError["code"],
        state.outcome?.detail ?? "",
        { members: { requestId: state.id } },
      );
    }
    return { status: 201, body: requestView(state, configuration, now) };
  };
}
