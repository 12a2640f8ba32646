import type { PreflightView } from "../../api/response-schemas.ts";
import { cardDigest } from "../../core/card.ts";
import { consider } from "../../core/consider.ts";
import { unchecked } from "../../core/diagnosis.ts";
import { blocking } from "../../core/preflight.ts";
import { requireActivated } from "../activated.ts";
import type { Answer, Call } from "../call.ts";
import { identify } from "../identify.ts";
import type { RequestsPorts } from "../ports.ts";
import { ruleViews } from "../request-view.ts";
import { lookAtWish, readWish } from "./read-wish.ts";

/**
 * What would come of asking, and nothing asked: the checks of ECS Exec, the rules that would allow it with
 * who could agree, and the card that they would be shown. Writes nothing. Whoever would be refused is refused here,
 * with the same words: by the rules, and where a target is missing or the caller may not ask there.
 */
export async function preflightRequest(call: Call, ports: RequestsPorts): Promise<Answer> {
  const read = readWish(call, ports);
  const configuration = await requireActivated(ports.events);
  const caller = identify(configuration, call.principal, ports.deployment);
  const { site, wish } = await lookAtWish(ports, configuration, caller, read);
  const considered = consider(ports.policy, configuration, caller, site, wish);
  if (considered.kind === "refused") throw considered.error;
  const { card, findings, rules } = considered;
  const body: PreflightView = {
    ready: blocking(findings).length === 0,
    problems: blocking(findings).map(({ check, remedy }) => ({ check, remedy })),
    checks: [...findings, ...unchecked],
    rules: ruleViews(rules, { requester: card.requester, decisions: [] }, configuration.directory),
    card,
    digest: cardDigest(card),
  };
  return { status: 200, body };
}
