import { parentPort, workerData } from "node:worker_threads";
import * as cedar from "@cedar-policy/cedar-wasm/nodejs";
import { cedarPolicyEngine } from "../../adapters/cedar-policy-engine.ts";
import { configurationOf, demoTexts, principal, target } from "../policies/demo-set.ts";

/**
 * Runs what may cost the engine its life away from the engine the other tests use: each thread has its
 * own. Given texts of rules, says how `check` took each and whether the engine still works; given none,
 * traps the engine on purpose first.
 */
const given = workerData as { policies: string[] } | { schemas: string[] } | "trap";
let lost = 0;
const engine = cedarPolicyEngine({
  onLost: () => {
    lost += 1;
  },
});

function works(): boolean {
  const verdict = engine.judge(configurationOf(), {
    principal: principal("auditor"),
    action: "audit",
    resource: { kind: "gateway" },
  });
  return verdict.kind === "permit";
}

if (given === "trap") {
  const before = works();
  // Behind the adapter's back: what its limits keep from the engine.
  const deep = `permit (principal, action, resource) when { ${"(".repeat(400)}true${")".repeat(400)} };`;
  let trapped = false;
  try {
    cedar.policyToJson(deep);
  } catch {
    trapped = true;
  }
  const verdicts = [1, 2].map(() =>
    engine.judge(configurationOf(), {
      principal: principal("auditor"),
      action: "audit",
      resource: { kind: "gateway" },
    }),
  );
  const may = engine.mayAskThere(
    configurationOf(),
    principal("dev"),
    target("service", "demo", "payments-api"),
  );
  const defects = engine.check(demoTexts);
  parentPort?.postMessage({ before, trapped, verdicts, may, defects, lost });
} else {
  const texts =
    "policies" in given
      ? given.policies.map((policies) => ({ ...demoTexts, policies }))
      : given.schemas.map((schema) => ({ ...demoTexts, schema }));
  const refused = texts.map((set) => engine.check(set).length > 0);
  parentPort?.postMessage({ refused, works: works(), lost });
}
