import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { runCli } from "../cli/main.ts";

/*
 * The command line. What is no client's (the local gateway, the engine of the rules) is loaded when a
 * command needs it.
 */

// A reader that has seen enough, such as head, is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  process.stderr.write(
    `sallyport: error: standard output cannot be written: ${error.code ?? ""}\n`,
  );
  process.exit(1);
});

/** The launcher beside this file, as a person would call it from where they are. */
function launcher(): string {
  const path = fileURLToPath(new URL("sallyport", import.meta.url));
  const fromHere = relative(process.cwd(), path);
  return fromHere.startsWith("..") ? path : `./${fromHere}`;
}

const { stdin, stdout, stderr, env } = process;
process.exitCode = await runCli(
  process.argv.slice(2),
  { stdin, stdout, stderr, env, cwd: process.cwd() },
  {
    program: launcher(),
    async runLocal(argv) {
      const { runLocal } = await import("../local/start.ts");
      await runLocal(argv);
    },
    async policyEngine() {
      const { cedarPolicyEngine } = await import("../adapters/cedar-policy-engine.ts");
      return cedarPolicyEngine();
    },
  },
);
