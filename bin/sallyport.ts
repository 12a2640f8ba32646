import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "./run.ts";

/** The launcher beside this file, as a person would call it from where they are. */
function launcher(): string {
  const path = fileURLToPath(new URL("sallyport", import.meta.url));
  const fromHere = relative(process.cwd(), path);
  return fromHere.startsWith("..") ? path : `./${fromHere}`;
}

function version(): string {
  const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}

/*
 * The command line in a checkout. What is no client's (the local gateway, the engine of the rules) is
 * loaded when a command needs it.
 */
await run({
  version: version(),
  program: launcher(),
  async runLocal(argv) {
    const { runLocal } = await import("../local/start.ts");
    await runLocal(argv);
  },
  async policyEngine() {
    const { cedarPolicyEngine } = await import("../adapters/cedar-policy-engine.ts");
    return cedarPolicyEngine();
  },
  recovery: async (place) => await (await import("./recovery.ts")).recoveryOn(place),
  lists: async (place) => (await import("./recovery.ts")).listsOn(place),
});
