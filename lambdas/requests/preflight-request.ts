import type { PreflightView } from "../../api/response-schemas.ts";
import { cardDigest } from "../../core/card.ts";
import { consider, seenOf } from "../../core/consider.ts";
import { aroundTheGateway, uncheckedBy } from "../../core/diagnosis.ts";
import { requireUnlocked, siteLockable } from "../../core/locked.ts";
import { blocking } from "../../core/preflight.ts";
import { lookAt } from "../ask-for.ts";
import type { Answer, Call } from "../call.ts";
import { ruleViews } from "../decision-views.ts";
import { identify } from "../identify.ts";
import { loadSetAndLocks } from "../locks.ts";
import type { RequestsPorts } from "../ports.ts";
import { readWish } from "../read-wish.ts";

/**
 * What would come of asking, and nothing asked: the checks of ECS Exec, the rules that would allow it with who
 * could agree, and the card that they would be shown. Writes nothing, but for a refusal: whoever would be refused
 * is refused here, with the same words: by the rules, and where a target is missing or the caller may not ask
 * there.
 */
export async function preflightRequest(call: Call, ports: RequestsPorts): Promise<Answer> {
  const wanted = readWish(call, ports.deployment.territory);
  const [configuration, locks] = await loadSetAndLocks(ports.events);
  const caller = await identify(configuration, call.principal, ports);
  const { site, wish } = await lookAt(ports, configuration, caller, wanted);
  const lockable = siteLockable(site, caller);
  requireUnlocked(ports.policy, configuration, locks, lockable, ports.clock.now());
  const considered = consider(ports.policy, configuration, caller, seenOf(site), wish);
  if (considered.kind === "refused") throw considered.error;
  const { card, findings, rules } = considered;
  const red = blocking(findings);
  const state = { requester: card.requester, decisions: [] };
  const body: PreflightView = {
    ready: red.length === 0,
    problems: red.map(({ check, remedy }) => ({ check, remedy })),
    checks: [...findings, ...uncheckedBy(findings), aroundTheGateway],
    rules: ruleViews(rules, state, configuration.directory),
    card,
    digest: cardDigest(card),
  };
  return { status: 200, body };
}
