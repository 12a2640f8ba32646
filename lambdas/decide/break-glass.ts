import { breakGlassSchema } from "../../api/decision-schemas.ts";
import { breakGlass as decideToBreak, GLASS_BROKEN } from "../../core/break-glass.ts";
import { utcDay } from "../../core/clock.ts";
import { bytesToHex } from "../../core/digest.ts";
import { breakingGlass } from "../../core/emergency-rules.ts";
import { emptyTail, nextEvent, tailAfter } from "../../core/event.ts";
import { foldRequest } from "../../core/fold-request.ts";
import { glassChain } from "../../core/glass-limit.ts";
import { requestId } from "../../core/ids.ts";
import { requireUnlocked, siteLockable } from "../../core/locked.ts";
import { onlyPersons } from "../../core/no-right.ts";
import { principalText } from "../../core/principal.ts";
import { fencedOn } from "../about-request.ts";
import { requireActivated } from "../activated.ts";
import { lookAt } from "../ask-for.ts";
import type { Answer, Call } from "../call.ts";
import { parseBody } from "../chain/parse.ts";
import { checkProse } from "../check-prose.ts";
import { circumstancesOf } from "../circumstances.ts";
import { commit } from "../commit.ts";
import { identify } from "../identify.ts";
import { loadRequest } from "../load-request.ts";
import { loadLocks } from "../locks.ts";
import type { DecidePorts } from "../ports.ts";
import { readTarget, wishErrors } from "../read-wish.ts";
import { repeatable, requireOwnRepeat } from "../repeat.ts";
import { requestView } from "../request-view.ts";

const ROUTE = "POST /v1/break-glass";

interface Granted {
  answer: Answer;
  /** The how manieth of the day it is; undefined for one that was on record before. */
  count: number | undefined;
}

/**
 * Grants at once, by a rule for emergencies, what nobody has agreed to: the request, its grant, the review that is
 * owed and its place among those of its person on that day are one transaction, fenced on the activated set and the
 * locks. Opened afterwards like any other. The answer is the approved request.
 *
 * Throws `not_permitted` for a program, whatever the target; what `lookAt` throws, to whom the target is not there;
 * `locked`, for a lock holds in an emergency too; `refused_by_rule`, `preflight_failed`, `break_glass_limit`. Each
 * refusal is on record.
 */
export async function breakGlass(call: Call, ports: DecidePorts): Promise<Answer> {
  const body = parseBody(breakGlassSchema, call.body, wishErrors);
  checkProse(body);
  const { command, reason, ticket, durationMinutes } = body;
  const target = readTarget(body.target, ports.deployment.territory, "/target");
  const id = requestId(
    principalText(call.principal),
    ROUTE,
    call.idempotencyKey ?? bytesToHex(ports.random(16)),
  );
  const repeat = repeatable(call, ROUTE);
  const policy = breakingGlass(ports.policy);

  const { answer, count } = await commit<Granted>(ports, call.deadline, async () => {
    const set = requireActivated(ports.events);
    const [configuration, locks, before] = await Promise.all([
      set,
      loadLocks(ports.events, set),
      loadRequest(ports.events, id, set),
    ]);
    const caller = await identify(configuration, call.principal, ports);
    if (caller.kind !== "person") {
      throw onlyPersons("break the glass");
    }
    const told = (state: typeof before.state): Answer => ({
      status: 201,
      body: requestView(state, configuration, ports.clock.now()),
    });
    if (before.state.stage !== "absent") {
      requireOwnRepeat(before.state, caller, call, repeat);
      return { events: [], result: { answer: told(before.state), count: undefined } };
    }
    const { site, wish } = await lookAt({ ...ports, policy }, configuration, caller, {
      target,
      command,
      reason,
      ticket,
      durationMinutes,
    });
    const now = ports.clock.now();
    requireUnlocked(policy, configuration, locks, siteLockable(site, caller), now);
    const chain = glassChain(caller.id, utcDay(now));
    const last = await ports.events.tip(chain);
    const decided = decideToBreak(
      policy,
      configuration,
      caller,
      site,
      { ...wish, bodyHash: call.bodyHash, repeat },
      last?.seq ?? 0,
      now,
    );
    const by = circumstancesOf(call, ports, configuration, caller, now);
    const broken = nextEvent(before.state.tail, decided, by);
    const counted = nextEvent(
      last === undefined ? emptyTail(chain) : tailAfter(emptyTail(chain), last),
      {
        kind: "glass.counted",
        data: { requestId: id, person: caller.id, limit: decided.data.limit },
        values: {},
      },
      by,
    );
    return {
      events: [broken, counted],
      fences: fencedOn(configuration, locks),
      result: {
        answer: told(foldRequest(id, [broken], configuration.fences)),
        count: decided.data.count,
      },
    };
  });
  if (count !== undefined) ports.log.info(GLASS_BROKEN, { requestId: id, count, call: call.call });
  return answer;
}
