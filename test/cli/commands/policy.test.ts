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
  it("say of whom they leave the groups to another source, where those who could are listed", async () => {
    const { run, rules } = withRules();
    const who = [
      "policy",
      "who",
      "demo/payments-api",
      "--rules",
      "rules",
      "--tag",
      "team=payments",
    ];
    expect((await run(...who)).stderr).toBe("");
    const file = join(rules, "directory.json");
    const directory = JSON.parse(readFileSync(file, "utf8"));
    const dev = directory.persons.find(({ id }: { id: string }) => id === "dev");
    dev.groups = "token";
    dev.principals.push({ issuer: "https://id.example.com", subject: "dev" });
    writeFileSync(file, JSON.stringify(directory));
    expect((await run(...who)).stderr).toContain("another source says in which: dev (token)");
  });

  it("are said to be in force already, since when and by whom, and nothing else is asked", async () => {
    const active = { seq: 4, hash: "ab", activatedAt: "2026-11-24T10:00:00.000Z", by: "sre" };
    const line = commandLine(() => ({ body: { active } }));
    cpSync(demo, join(line.folder, "rules"), { recursive: true });
    const { exitCode, stdout } = await line.run("policy", "activate", "rules", "--reason", "why");
    expect(stdout).toContain("already in force as #4 ab, since 2026-11-24T10:00:00.000Z by sre\n");
    expect(stdout).toContain("--even-if-active");
    expect(exitCode).toBe(0);
    await line.run("policy", "activate", "rules", "--reason", "why", "--even-if-active");
    expect(
      line.sent.map(({ body }) => (body as object) && "evenIfActive" in (body as object)),
    ).toEqual([false, true]);
  });

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

describe("what rules in a folder mean", () => {
  const json = (value: object): string => JSON.stringify(value);

  it("is what the cases beside them say, judged here without a call", async () => {
    const { run, sent } = withRules();
    const { exitCode, stdout } = await run("policy", "test", "rules");
    expect(stdout).toMatch(/^\d+ passed, 0 failed\n$/);
    expect(exitCode).toBe(0);
    expect(sent).toEqual([]);
  });

  it("is told apart from what a case says, by the case's name", async () => {
    const { run, rules } = withRules();
    const text = readFileSync(join(rules, "10-exec.cedar"), "utf8");
    writeFileSync(
      join(rules, "10-exec.cedar"),
      text.replace('"{team}-leads:1, sre:1"', '"{team}-leads:1"'),
    );
    const { exitCode, stdout } = await run("policy", "test", "rules");
    expect(exitCode).toBe(1);
    expect(stdout).toContain("allow/a-developer-opens-a-shell-with-a-lead-and-one-of-sre\n");
    expect(stdout).toContain('the case says [["team-shell",["payments-leads:1","sre:1"]]]');
  });

  it.each([
    ["a member nobody knows", { who: "dev", action: "read", on: "gateway", rules: [], also: 1 }],
    ["somebody who is not there", { who: "nobody", action: "audit", on: "gateway", rules: [] }],
    [
      "an exec without a command",
      { who: "dev", action: "exec", on: { service: "a/b", tags: {} }, rules: [] },
    ],
    [
      "two targets",
      { who: "dev", action: "read", on: { service: "a/b", family: "a/b", tags: {} }, rules: [] },
    ],
  ])("is not tested by a case with %s", async (_, given) => {
    const { run, rules } = withRules();
    writeFileSync(join(rules, "cases", "deny", "odd.json"), json(given));
    const { exitCode, stdout } = await run("policy", "test", "rules");
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/^deny\/odd\n  .+\n\d+ passed, 1 failed\n$/);
  });

  it("is not said to hold where there are no cases, or no sound rules", async () => {
    const { run, rules } = withRules();
    rmSync(join(rules, "cases"), { recursive: true });
    const none = await run("policy", "test", "rules");
    expect([none.exitCode, none.stderr]).toEqual([1, expect.stringContaining("no cases")]);
    writeFileSync(join(rules, "50-more.cedar"), "permit (principal, action, resource);\n");
    const defective = await run("policy", "test", "rules");
    expect([defective.exitCode, defective.stderr]).toEqual([
      1,
      expect.stringContaining("policy check rules"),
    ]);
  });

  it("is explained for one wish, with the place of each rule that decides", async () => {
    const { run, sent } = withRules();
    const explain = (...argv: string[]) => run("policy", "explain", "rules", ...argv);
    const on = ["--on", "demo/payments-api", "--tag", "team=payments"];
    const shell = await explain("--who", "dev", ...on);
    expect([shell.exitCode, shell.stdout]).toEqual([
      0,
      "permitted; one of these rules is enough:\n  team-shell (10-exec.cedar:39): needs payments-leads:1, sre:1\n",
    ]);
    const look = await explain("--who", "dev", ...on, "--", "/bin/cat", "/proc/loadavg");
    expect(look.stdout).toContain("payments-look (10-exec.cedar:4): nobody has to agree");
    const vault = await explain("--who", "sre", "--on", "vault/secrets", "--tag", "team=payments");
    expect([vault.exitCode, vault.stdout]).toEqual([
      120,
      expect.stringMatching(/^forbidden\n  vault-closed \(10-exec\.cedar:\d+\)\n$/),
    ]);
    const stranger = await explain("--who", "stranger", ...on);
    expect([stranger.exitCode, stranger.stdout]).toEqual([
      120,
      expect.stringContaining("does not exist"),
    ]);
    expect(sent).toEqual([]);
  });

  it("says what was left out where nothing is permitted: tags, or somebody who is there", async () => {
    const explain = (...argv: string[]) => withRules().run("policy", "explain", "rules", ...argv);
    const untagged = await explain("--who", "dev", "--on", "demo/payments-api");
    expect([untagged.exitCode, untagged.stdout]).toEqual([
      120,
      expect.stringContaining("no tags were given, and rules look at tags"),
    ]);
    const misspelt = await explain("--who", "leed", "--on", "demo/payments-api");
    expect([misspelt.exitCode, misspelt.stderr]).toEqual([
      1,
      expect.stringMatching(/leed is not in the directory\n.*nearest there: lead, /),
    ]);
  });

  it("is not told of a folder that is not there", async () => {
    const { exitCode, stderr } = await withRules().run("policy", "test", "nowhere");
    expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/there is no \S+nowhere\n/)]);
  });

  it.each([
    [["--who", "dev", "--on", "gateway"], "--on gateway needs --action"],
    [["--who", "dev", "--on", "payments-api"], "CLUSTER/SERVICE"],
    [["--who", "dev", "--on", "demo/x", "--tag", "team"], "key=value"],
    [["--who", "dev", "--on", "demo/x", "--action", "open"], "exec, approve"],
  ])("is not explained for %j", async (argv, hint) => {
    const { exitCode, stderr } = await withRules().run("policy", "explain", "rules", ...argv);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(hint)]);
  });
});

describe("a set of rules that is named and not there", () => {
  it("is said with what may be named in its place", async () => {
    const { run } = withRules();
    const exported = fileURLToPath(new URL("../export.jsonl", import.meta.url));
    for (const named of ["nowhere", "."]) {
      const { exitCode, stderr } = await run("policy", "diff", named, "active", "--from", exported);
      expect(exitCode).toBe(1);
      expect(stderr).toMatch(/hint: it takes a folder of rules .*, `active` .* or `seq:N`/);
    }
  });
});
