import { cardRule, ruleOnRecord } from "./alternatives.ts";
import { type Caller, judgedBy, principalOfCaller } from "./caller.ts";
import { type ActivationCard, cardDigest } from "./card.ts";
import type { EpochMillis } from "./clock.ts";
import { refusedByRule } from "./consider.ts";
import type { Directory } from "./directory.ts";
import { parseDirectory } from "./directory-text.ts";
import { SallyportError } from "./errors.ts";
import type { Judging } from "./event-kinds.ts";
import type { Repeatable } from "./kinds/asked.ts";
import type { Configuration, PolicyEngine, Rule } from "./policy-engine.ts";
import { setChanges } from "./set-changes.ts";

export interface Proposal {
  texts: { policies: string; schema: string; directory: string };
  hashes: { policies: string; schema: string; directory: string; engine: string };
  reason: string;
  /** SHA-256 of the canonical body. */
  bodyHash: string;
  repeat: Repeatable | undefined;
}

/** The rules by which this caller may propose a set. Throws `refused_by_rule`. */
export function mayPropose(
  policy: PolicyEngine,
  configuration: Configuration,
  caller: Caller,
): Rule[] {
  const verdict = policy.judge(configuration, {
    principal: principalOfCaller(caller),
    action: "activate",
    resource: { kind: "gateway" },
  });
  if (verdict.kind === "deny") throw refusedByRule(verdict.why, verdict.rules);
  return verdict.rules.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/**
 * Makes the request for another set, with the card that says how it differs from the one in force. Throws
 * `refused_by_rule` or `activation_invalid`.
 */
export function propose(
  policy: PolicyEngine,
  configuration: Configuration,
  caller: Caller,
  { texts, hashes, reason, bodyHash, repeat }: Proposal,
  now: EpochMillis,
): Judging & { kind: "activation.asked" } {
  const rules = mayPropose(policy, configuration, caller);
  const directory = proposedDirectory(texts.directory);
  const card: ActivationCard = {
    v: 1,
    kind: "activate",
    requester: { person: caller.id, name: caller.name },
    policies: hashes.policies,
    schema: hashes.schema,
    directory: hashes.directory,
    changes: setChanges(
      {
        rules: policy.rulesOf(configuration),
        directory: configuration.directory,
        schema: configuration.schema,
      },
      { rules: policy.rulesOf(texts), directory, schema: texts.schema },
    ),
    reason,
    rules: rules.map(cardRule),
  };
  return {
    kind: "activation.asked",
    data: {
      requester: card.requester,
      texts: hashes,
      lapsesAt: now + Math.min(...rules.map((rule) => rule.requestTtlSeconds)) * 1_000,
      rules: rules.map(ruleOnRecord),
      judged: judgedBy(caller, now),
      ...(repeat === undefined ? {} : { repeat }),
    },
    values: { reason, card, digest: cardDigest(card), body: bodyHash },
  };
}

/** The directory of a set that is to be put in force. Throws `activation_invalid`. */
export function proposedDirectory(text: string): Directory {
  const parsed = parseDirectory(text);
  if (parsed.kind === "directory") return parsed.directory;
  throw new SallyportError("activation_invalid", "the directory cannot be read", {
    hint: "`sallyport policy check DIR` says what is wrong with it",
  });
}
