#!/usr/bin/env node
import { run } from "./run.ts";

/** Of package.json, filled in by tools/pack.ts. */
declare const packedVersion: string;

/*
 * The command line as it is installed: one folder for Node 20 and newer, with nothing beside it. The local
 * gateway starts processes and an engine, and stays in the checkout.
 */
await run({
  version: packedVersion,
  async runLocal() {
    throw new Error(
      "the installed command line has no local gateway; run it from a checkout: `npm ci && npm start`",
    );
  },
  async policyEngine() {
    const { cedarPolicyEngine } = await import("../adapters/cedar-policy-engine.ts");
    return cedarPolicyEngine();
  },
  recovery: async (place) => await (await import("./recovery.ts")).recoveryOn(place),
  lists: async (place) => (await import("./recovery.ts")).listsOn(place),
});
