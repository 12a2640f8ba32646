#!/usr/bin/env node
import { run } from "./run.ts";

/*
 * The command line as it is installed: one folder for Node 20 and newer, with nothing beside it. The local
 * gateway starts processes and an engine, and stays in the checkout.
 */
await run({
  async runLocal() {
    throw new Error(
      "the installed command line has no local gateway; run it from a checkout: `npm ci && npm start`",
    );
  },
  async policyEngine() {
    const { cedarPolicyEngine } = await import("../adapters/cedar-policy-engine.ts");
    return cedarPolicyEngine();
  },
});
