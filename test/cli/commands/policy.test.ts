import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { cedarPolicyEngine } from "../../../adapters/cedar-policy-engine.ts";
import { commandLine } from "../command-line.ts";

const demo = fileURLToPath(new URL("../../../policies", import.meta.url));

/** The demo's rules in a folder of their own, and a gateway that puts everything in force. */
function withRules() {
  const line = commandLine(() => ({ body: { activated: { seq: 1, hash: "ab" } } }), {
    policyEngine: async () => cedarPolicyEngine(),
  });
  const rules = join(line.folder, "rules");
  cpSync(demo, rules, { recursive: true });
  return { ...line, rules };
}

describe("rules in a folder", () => {
  it("are checked here, without a call", async () => {
    const { run, sent } = withRules();
    const { exitCode, stdout } = await run("policy", "check", "rules");
    expect(stdout).toMatch(/^\d+ rules, nothing wrong\n$/);
    expect(exitCode).toBe(0);
    expect(sent).toEqual([]);
  });

  it("are told each thing that is wrong with them", async () => {
    const { run, rules } = withRules();
    writeFileSync(join(rules, "50-more.cedar"), "permit (principal, action, resource);\n");
    const { exitCode, stdout } = await run("policy", "check", "rules");
    expect(stdout).toMatch(/^.+: .+\n/);
    expect(exitCode).toBe(1);
  });

  it("are sent whole, their files in the order of their names", async () => {
    const { run, rules, sent } = withRules();
    writeFileSync(join(rules, "00-first.cedar"), "// first\n");
    expect((await run("policy", "activate", "rules", "--reason", "why")).exitCode).toBe(0);
    const [body] = sent.map((call) => call.body);
    const { policies, schema, directory, reason } = body as { [name: string]: string };
    expect(policies?.startsWith("// first\n\n")).toBe(true);
    expect(policies).toContain(readFileSync(join(rules, "30-read.cedar"), "utf8"));
    expect(schema).toBe(readFileSync(join(rules, "sallyport.cedarschema"), "utf8"));
    expect(directory).toBe(readFileSync(join(rules, "directory.json"), "utf8"));
    expect(reason).toBe("why");
  });

  it("are not sent without a reason, without a directory, or where they are not UTF-8", async () => {
    const { run, rules, sent } = withRules();
    expect((await run("policy", "activate", "rules")).exitCode).toBe(2);
    writeFileSync(join(rules, "40-x.cedar"), Uint8Array.of(0xff));
    expect((await run("policy", "activate", "rules", "--reason", "why")).exitCode).toBe(1);
    rmSync(join(rules, "40-x.cedar"));
    rmSync(join(rules, "directory.json"));
    expect((await run("policy", "activate", "rules", "--reason", "why")).exitCode).toBe(1);
    expect(sent).toEqual([]);
  });
});
