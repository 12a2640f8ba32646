import { getActivationQuery, getTextQuery } from "../../api/query-schemas.ts";
import { isoTime } from "../../core/clock.ts";
import { SallyportError } from "../../core/errors.ts";
import { type Event, readEvent, type StoredEvent } from "../../core/event.ts";
import type { ReadSubject } from "../../core/kinds/read.ts";
import { mayAudit } from "../../core/may-read.ts";
import { noRuleLets } from "../../core/no-right.ts";
import { CONF, requireActivated } from "../activated.ts";
import type { Answer, Call } from "../call.ts";
import { parseQuery } from "../chain/parse.ts";
import { identify } from "../identify.ts";
import { loadRequest, readable } from "../load-request.ts";
import type { RequestsPorts } from "../ports.ts";
import { recordRead } from "../record-read.ts";

type SetTexts = (Event & { kind: "policy.activated" })["data"]["texts"];

/**
 * The event of one activation, by its number or as `active`: what a decision names as its configuration. For
 * those the rules let `audit`; the read is on record first. With `request`, the one in force, for those whose
 * agreement that request would replace it with. Throws `not_permitted`, `request_not_found` or `not_on_record`.
 */
export async function getActivation(call: Call, ports: RequestsPorts): Promise<Answer> {
  const { seq: named, request } = parseQuery(getActivationQuery, call.query);
  const answer = (event: StoredEvent): Answer => ({
    status: 200,
    body: { items: [event], asOf: isoTime(ports.clock.now()) },
  });
  if (request !== undefined) {
    const { inForce } = await asked(call, ports, request);
    if (named !== "active" || inForce === undefined) throw notOnRecord("activation");
    return answer(inForce);
  }
  const active = await audited(call, ports, { kind: "activation", id: named });
  const seq = named === "active" ? active : Number(named);
  const [event] = await ports.events.load(CONF, seq - 1);
  if (event?.seq !== seq) throw notOnRecord("activation");
  return answer(event);
}

/**
 * A text of an activation, by its hash. For auditors likewise; with `request`, those that it asks for and those
 * in force, so that whoever agrees sees all that would change. Throws what `getActivation` does.
 */
export async function getText(call: Call, ports: RequestsPorts): Promise<Answer> {
  const { hash, request } = parseQuery(getTextQuery, call.query);
  if (request === undefined) await audited(call, ports, { kind: "text", id: hash });
  else {
    const { texts, inForce } = await asked(call, ports, request);
    const shown = [texts, inForce && textsOf(inForce)].flatMap((set) =>
      set === undefined ? [] : [set.policies, set.schema, set.directory],
    );
    if (!shown.includes(hash)) throw notOnRecord("text");
  }
  const text = await ports.events.getText(hash);
  if (text === undefined) throw notOnRecord("text");
  return { status: 200, body: { hash, text } };
}

/** The number of the activation in force, for a caller who may audit. */
async function audited(call: Call, ports: RequestsPorts, subject: ReadSubject): Promise<number> {
  const configuration = await requireActivated(ports.events);
  const caller = await identify(configuration, call.principal, ports);
  if (!mayAudit(ports.policy, configuration, caller)) {
    throw noRuleLets("audit", "audit");
  }
  await recordRead(ports, call, configuration, caller, subject);
  return configuration.seq;
}

/** What an activation asks for, and what is in force: for who asks, who could agree, and who may audit. */
async function asked(
  call: Call,
  ports: RequestsPorts,
  id: string,
): Promise<{ texts: SetTexts; inForce: StoredEvent | undefined }> {
  const set = requireActivated(ports.events);
  const [configuration, loaded, inForce] = await Promise.all([
    set,
    loadRequest(ports.events, id, set),
    ports.events.tip(CONF),
  ]);
  const caller = await identify(configuration, call.principal, ports);
  const { state, right } = await readable(ports, call, configuration, caller, loaded);
  if (right === "rule") {
    throw noRuleLets("agree to it, or audit", "audit");
  }
  if (state.activation === undefined) throw notOnRecord("activation");
  return { texts: state.activation.texts, inForce };
}

function textsOf(stored: StoredEvent): SetTexts | undefined {
  const event = readEvent(stored);
  return event.kind === "policy.activated" || event.kind === "restore.fence"
    ? event.data.texts
    : undefined;
}

function notOnRecord(what: string): SallyportError {
  return new SallyportError("not_on_record", `no such ${what} is on record`, {
    hint: "`sallyport audit export` writes the events of some days, which name activations and texts",
  });
}
