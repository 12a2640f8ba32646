import { families } from "./event-kinds.ts";
import { familiesOf, put, putFamily } from "./family-policies.ts";
import type { FunctionPolicyConfiguration } from "./function-policies.ts";
import { type PolicyDocument, type PolicyStatement, policyDocument } from "./policy-document.ts";

/** Whoever restores the record: no function, and a role of its own, where the configuration names who may take it on. */
export interface RecoveryPolicyConfiguration
  extends Pick<FunctionPolicyConfiguration, "eventsTableArn" | "viewsTableArn"> {
  /** Whether lost events may be put back from an export: then it may put whatever any function may. */
  mayReplay: boolean;
}

/**
 * The policy of `sallyport-recovery`: to read the whole record, to put a fence on CONF, and to file requests anew in
 * the lists. Nothing else: it decides nothing, opens nothing, and puts no rules in force.
 */
export function recoveryPolicy({
  eventsTableArn: events,
  viewsTableArn: views,
  mayReplay,
}: RecoveryPolicyConfiguration): PolicyDocument {
  const allow = (sid: string, actions: string[], resource: string): PolicyStatement => ({
    Sid: sid,
    Effect: "Allow",
    Action: actions.map((action) => `dynamodb:${action}`),
    Resource: [resource],
  });
  const all = Object.values(familiesOf).flat();
  const replayed = families.flatMap((family) => {
    const chains = all.flatMap((one) => (one.family === family ? one.chains : []));
    return chains.length === 0 ? [] : [putFamily(family, "Replay", events, [...new Set(chains)])];
  });
  return policyDocument(
    put("PutFence", events, ["CONF"], ["restored", "open"]),
    put("PutIndex", events, ["DAY#*", "DUE#*"], ["chain", "seq"]),
    ...(mayReplay
      ? [
          ...replayed,
          put("ReplaySessionIndex", events, ["SESSION#*", "WATCHED#*"], ["chain", "seq"]),
          put("ReplayTexts", events, ["TEXT#*"], ["text"]),
        ]
      : []),
    allow(
      "ReadRecord",
      ["DescribeTable", "Scan", "Query", "GetItem", "ConditionCheckItem"],
      events,
    ),
    allow("FileAnew", ["GetItem", "PutItem"], views),
  );
}
