import { getActivationQuery, getTextQuery } from "../../api/request-schemas.ts";
import { isoTime } from "../../core/clock.ts";
import { SallyportError } from "../../core/errors.ts";
import type { ReadSubject } from "../../core/kinds/read.ts";
import { mayAudit } from "../../core/may-read.ts";
import { CONF, requireActivated } from "../activated.ts";
import type { Answer, Call } from "../call.ts";
import { parseQuery } from "../chain/parse.ts";
import { identify } from "../identify.ts";
import type { RequestsPorts } from "../ports.ts";
import { recordRead } from "../record-read.ts";

/**
 * The event of one activation, by its number or as `active`: what a decision names as its configuration. For
 * those the rules let `audit`; the read is on record first. Throws `not_permitted` or `not_on_record`.
 */
export async function getActivation(call: Call, ports: RequestsPorts): Promise<Answer> {
  const { seq: named } = parseQuery(getActivationQuery, call.query);
  const active = await audited(call, ports, { kind: "activation", id: named });
  const seq = named === "active" ? active : Number(named);
  const [event] = await ports.events.load(CONF, seq - 1);
  if (event?.seq !== seq) throw notOnRecord("activation");
  return { status: 200, body: { items: [event], asOf: isoTime(ports.clock.now()) } };
}

/** A text of an activation, by its hash. For auditors likewise. Throws `not_permitted` or `not_on_record`. */
export async function getText(call: Call, ports: RequestsPorts): Promise<Answer> {
  const { hash } = parseQuery(getTextQuery, call.query);
  await audited(call, ports, { kind: "text", id: hash });
  const text = await ports.events.getText(hash);
  if (text === undefined) throw notOnRecord("text");
  return { status: 200, body: { hash, text } };
}

/** The number of the activation in force, for a caller who may audit. */
async function audited(call: Call, ports: RequestsPorts, subject: ReadSubject): Promise<number> {
  const configuration = await requireActivated(ports.events);
  const caller = identify(configuration, call.principal, ports.deployment);
  if (!mayAudit(ports.policy, configuration, caller)) {
    throw new SallyportError("not_permitted", "no rule lets you audit");
  }
  await recordRead(ports, call, configuration, caller, subject);
  return configuration.seq;
}

function notOnRecord(what: string): SallyportError {
  return new SallyportError("not_on_record", `no such ${what} is on record`, {
    hint: "`sallyport audit export` writes the events of some days, which name activations and texts",
  });
}
