import type { z } from "zod";
import { activationSchema } from "../../api/decision-schemas.ts";
import type { ActivationAnswer } from "../../api/response-schemas.ts";
import { isoTime } from "../../core/clock.ts";
import { configurationHash } from "../../core/configuration-hash.ts";
import { bytesToHex } from "../../core/digest.ts";
import { SallyportError } from "../../core/errors.ts";
import { type Actor, nextEvent, readEvent } from "../../core/event.ts";
import { foldRequest } from "../../core/fold-request.ts";
import { requestId } from "../../core/ids.ts";
import { requireUnlocked } from "../../core/locked.ts";
import { LOCK, type Locks } from "../../core/locks.ts";
import { principalText } from "../../core/principal.ts";
import { mayPropose, propose } from "../../core/propose.ts";
import { fencedOn } from "../about-request.ts";
import { type Activated, activatedSet, CONF } from "../activated.ts";
import type { Answer, Call } from "../call.ts";
import { parseBody } from "../chain/parse.ts";
import { checkProse } from "../check-prose.ts";
import { circumstancesOf } from "../circumstances.ts";
import { commit } from "../commit.ts";
import { identify } from "../identify.ts";
import { loadRequest } from "../load-request.ts";
import { loadLocks } from "../locks.ts";
import type { DecidePorts } from "../ports.ts";
import { repeatable, requireOwnRepeat } from "../repeat.ts";
import { requestView } from "../request-view.ts";
import {
  checkSet,
  confEvent,
  storeTexts,
  type TextHashes,
  type Texts,
  textHashes,
} from "./activation.ts";

const ROUTE = "POST /v1/activations";

/**
 * Proposes a set of rules, schema and directory. While none is in force, a bootstrap person of the
 * deployment puts the first in force alone; afterwards it is a request like any other, decided under the
 * rules it would replace. Of the very set that is in force nothing is asked, unless the body says `evenIfActive`:
 * the answer is since when, and by whom.
 */
export async function createActivation(call: Call, ports: DecidePorts): Promise<Answer> {
  const body = parseBody(activationSchema, call.body);
  checkProse(body);
  const texts: Texts = { policies: body.policies, schema: body.schema, directory: body.directory };
  const hashes = textHashes(texts, ports.policy.version);
  const present = await activatedSet(ports.events);
  // Who may propose is settled before anything is parsed or stored for them.
  if (present === undefined) bootstrapPerson(call, ports);
  else mayPropose(ports.policy, present, await identify(present, call.principal, ports));
  checkSet(ports, texts);
  await storeTexts(ports, texts);

  return await commit(ports, call.deadline, async () => {
    const set = activatedSet(ports.events);
    const [configuration, locks] = await Promise.all([set, loadLocks(ports.events, set)]);
    return configuration === undefined
      ? await first(call, ports, hashes, body.reason, locks)
      : await proposed(call, ports, configuration, locks, texts, hashes, body);
  });
}

function bootstrapPerson(call: Call, ports: DecidePorts): Actor {
  const { principal } = call;
  const found = ports.deployment.bootstrap.find(
    (b) =>
      "account" in principal &&
      b.principal.account === principal.account &&
      b.principal.uniqueId === principal.uniqueId,
  );
  if (found === undefined) {
    throw new SallyportError(
      "not_activated",
      "no rules are in force, and you are not named to activate the first",
      {
        hint: "the deployment's configuration names the bootstrap persons",
      },
    );
  }
  return { kind: "bootstrap", person: found.person, principal: principalText(principal) };
}

async function first(
  call: Call,
  ports: DecidePorts,
  hashes: TextHashes,
  reason: string,
  locks: Locks,
) {
  const event = await confEvent(ports, hashes, null, reason, {
    actor: bootstrapPerson(call, ports),
    configuration: { seq: 0, hash: "" },
    call: call.call,
    now: ports.clock.now(),
    random: ports.random,
  });
  if (event === undefined) return "again" as const;
  const activated = { seq: event.seq, hash: configurationHash(hashes) };
  return {
    events: [event],
    fences: [{ chain: LOCK, seq: locks.tail.seq }],
    result: { status: 200, body: { activated } } satisfies Answer,
  };
}

async function proposed(
  call: Call,
  ports: DecidePorts,
  configuration: Activated,
  locks: Locks,
  texts: Texts,
  hashes: TextHashes,
  { reason, evenIfActive }: Pick<z.infer<typeof activationSchema>, "reason" | "evenIfActive">,
) {
  const caller = await identify(configuration, call.principal, ports);
  mayPropose(ports.policy, configuration, caller);
  const id = requestId(
    principalText(call.principal),
    ROUTE,
    call.idempotencyKey ?? bytesToHex(ports.random(16)),
  );
  const repeat = repeatable(call, ROUTE);
  const now = ports.clock.now();
  const before = await loadRequest(ports.events, id, configuration);
  const answer = (state: ReturnType<typeof foldRequest>): Answer => ({
    status: 202,
    body: { request: requestView(state, configuration, now) },
  });
  if (before.state.stage !== "absent") {
    requireOwnRepeat(before.state, caller, call, repeat);
    return { events: [] as [], result: answer(before.state) };
  }
  requireUnlocked(ports.policy, configuration, locks, { people: [caller] }, now);
  if (evenIfActive !== true && configurationHash(hashes) === configuration.hash) {
    const body = await alreadyActive(ports, configuration);
    if (body === undefined) return "again" as const;
    return { events: [] as [], result: { status: 200, body } satisfies Answer };
  }
  const { bodyHash } = call;
  const event = nextEvent(
    before.state.tail,
    propose(ports.policy, configuration, caller, { texts, hashes, reason, bodyHash, repeat }, now),
    circumstancesOf(call, ports, configuration, caller, now),
  );
  return {
    events: [event],
    fences: fencedOn(configuration, locks),
    result: answer(foldRequest(id, [event], configuration.fences)),
  };
}

/** Since when a set is in force and by whom; undefined where another came into force since it was read. */
async function alreadyActive(
  ports: DecidePorts,
  { seq, hash, activatedAt }: Activated,
): Promise<ActivationAnswer | undefined> {
  const tip = await ports.events.tip(CONF);
  if (tip?.seq !== seq) return undefined;
  const { actor, ...event } = readEvent(tip);
  const request = event.kind === "policy.activated" ? event.data.request : null;
  return {
    active: {
      seq,
      hash,
      activatedAt: isoTime(activatedAt),
      by: "person" in actor ? actor.person : actor.principal,
      ...(request === null ? {} : { request }),
    },
  };
}
