import { bytesToHex } from "../../core/digest.ts";
import { SallyportError } from "../../core/errors.ts";
import { foldRequest } from "../../core/fold-request.ts";
import { requestId } from "../../core/ids.ts";
import { principalText } from "../../core/principal.ts";
import { requireActivated } from "../activated.ts";
import { askFor } from "../ask-for.ts";
import type { Answer, Call } from "../call.ts";
import { commit } from "../commit.ts";
import { identify } from "../identify.ts";
import { loadRequest } from "../load-request.ts";
import { loadLocks } from "../locks.ts";
import type { RequestsPorts } from "../ports.ts";
import { readWish } from "../read-wish.ts";
import { onRecord } from "../refusals.ts";
import { repeatable, requireOwnRepeat } from "../repeat.ts";
import { requestView } from "../request-view.ts";

const ROUTE = "POST /v1/requests";

/**
 * Asks: reads the wish, looks at the target, judges, and puts the request on record with its card, or its
 * refusal. Fenced on the activated set, so that what is asked was judged by the rules in force.
 */
export async function createRequest(call: Call, ports: RequestsPorts): Promise<Answer> {
  const wanted = readWish(call, ports.deployment.territory);
  const id = requestId(
    principalText(call.principal),
    ROUTE,
    call.idempotencyKey ?? bytesToHex(ports.random(16)),
  );
  const repeat = repeatable(call, ROUTE);

  const tell = await commit<() => Answer>(ports, call.deadline, async () => {
    const set = requireActivated(ports.events);
    const [configuration, locks, before] = await Promise.all([
      set,
      loadLocks(ports.events, set),
      loadRequest(ports.events, id, set),
    ]);
    const caller = await identify(configuration, call.principal, ports);
    if (before.state.stage !== "absent") {
      requireOwnRepeat(before.state, caller, call, repeat);
      return { events: [], result: told(before.state, configuration, ports.clock.now()) };
    }
    const { event, fences, now, refusal } = await askFor(
      call,
      ports,
      {
        route: "createRequest",
        configuration,
        locks,
        caller,
        tail: before.state.tail,
        requestId: id,
      },
      { ...wanted, repeat },
    );
    return {
      events: [event],
      fences,
      result:
        refusal === undefined
          ? told(foldRequest(id, [event], configuration.fences), configuration, now)
          : () => {
              throw onRecord(refusal);
            },
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
      throw onRecord(
        new SallyportError(
          (state.outcome?.code ?? "refused_by_rule") as SallyportError["code"],
          state.outcome?.detail ?? "",
          {
            hint: "this call was refused before: to have it judged anew, send it with another Idempotency-Key",
            members: { requestId: state.id },
          },
        ),
      );
    }
    return { status: 201, body: requestView(state, configuration, now) };
  };
}
