import { expect, it } from "vitest";
import { cedarPolicyEngine } from "../../adapters/cedar-policy-engine.ts";
import { warmUp } from "../../adapters/cedar-warm-up.ts";
import type { PolicyEngine } from "../../core/policy-engine.ts";

it("judges its own rules as they are written", () => {
  expect(() => warmUp(cedarPolicyEngine())).not.toThrow();
});

it("lets no process begin whose engine judges otherwise, whichever way", () => {
  const engine = cedarPolicyEngine();
  const wrong: Partial<PolicyEngine>[] = [
    { judge: () => ({ kind: "deny", why: "no_permit", rules: [], errors: [] }) },
    { judge: () => ({ kind: "permit", rules: [] }) },
    { mayAskThere: () => true },
    { mayAskThere: () => false },
  ];
  for (const change of wrong) {
    expect(() => warmUp({ ...engine, ...change })).toThrow(/^the policy engine judges wrongly: /);
  }
});
