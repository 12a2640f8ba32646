import { run } from "./run.ts";

/*
 * The command line in a checkout. What is no client's (the local gateway, the engine of the rules) is
 * loaded when a command needs it.
 */
await run({
  async runLocal(argv) {
    const { runLocal } = await import("../local/start.ts");
    await runLocal(argv);
  },
  async policyEngine() {
    const { cedarPolicyEngine } = await import("../adapters/cedar-policy-engine.ts");
    return cedarPolicyEngine();
  },
});
