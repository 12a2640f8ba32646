import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sha256Hex } from "../../core/digest.ts";
import { type Event, readEvent } from "../../core/event.ts";
import { rulesHere } from "../../local/rules-here.ts";
import type { CommandLine } from "../cli/command-line.ts";
import { startTestGateway, type TestGateway } from "../kit/gateway.ts";
import { type Profile } from "../kit/profiles.ts";
import { commandLineOf, recordedRun } from "../kit/recorded-run.ts";

/*
 * Questions about rules, put to the command line: who could, and what would come out otherwise.
 */

let gateway: TestGateway;
let ids: { [what: string]: string };

beforeAll(async () => {
  gateway = await startTestGateway();
  ids = await recordedRun(gateway);
}, 120_000);

afterAll(async () => gateway.close());

/** The command line, with the demo's rules in `rules`, and another text of them in `other`. */
function withRules(profile: Profile, change: (policies: string) => string): CommandLine {
  const line = commandLineOf(gateway, profile);
  const demo = fileURLToPath(new URL("../../policies", import.meta.url));
  for (const folder of ["rules", "other"]) {
    cpSync(demo, join(line.folder, folder), { recursive: true });
  }
  const exec = join(line.folder, "other", "10-exec.cedar");
  writeFileSync(exec, change(readFileSync(exec, "utf8")));
  return line;
}

const withoutShells = (policies: string): string =>
  policies
    .replace('"[\\"/bin/uname\\",\\"-a\\"]"', '"[\\"/bin/uname\\",\\"-r\\"]"')
    .replace('resource.hasTag("team") &&', 'resource.hasTag("team") && !context.shell &&')
    .replaceAll(
      "!principal.program\n};",
      '!principal.program && context.line != "[\\"/bin/sh\\"]"\n};',
    );

describe("policy diff", () => {
  it("lists the requests on record that would come out otherwise, from the gateway and from an export", async () => {
    const { run } = withRules("auditor", withoutShells);
    const { stdout, exitCode } = await run("--json", "policy", "diff", "rules", "other");
    expect(exitCode).toBe(0);
    const { requests, changed, summary } = JSON.parse(stdout);
    expect(requests).toBe(10);
    const of = (what: string) =>
      changed.find((one: { request: string }) => one.request === ids[what]);
    expect(of("shell")).toMatchObject({
      who: "dev",
      change: "allowed to refused",
      before: { kind: "approval", rules: [{ id: "team-shell" }] },
      after: { kind: "refused", why: "no_permit" },
    });
    expect(of("automatic")).toMatchObject({
      change: "automatic to approval",
      before: { rules: [{ id: "payments-look", needs: [] }, {}, {}] },
    });
    // Neither does what the rules refuse in both, nor another's right to change the rules.
    for (const same of ["refused", "activation", "pinned"]) expect(of(same)).toBeUndefined();
    expect(summary).toEqual({ "allowed to refused": 6, "automatic to approval": 1 });

    expect((await run("audit", "export", "--out", "x.jsonl")).exitCode).toBe(0);
    const calls = commandLineOf(gateway, "stranger").sent.length;
    const table = await run("policy", "diff", "rules", "other", "--from", "x.jsonl");
    expect(table.stdout).toContain("allowed to refused");
    expect(table.stdout).toContain(
      "10 requests on record: 6 allowed to refused, 1 automatic to approval",
    );
    expect(calls).toBe(0);
  });

  it("compares activations by their numbers, of the gateway and of an export, as CSV too", async () => {
    const { run, sent } = withRules("auditor", (policies) => policies);
    const none = await run("policy", "diff", "seq:1", "active");
    expect(none.stdout).toBe("10 requests on record: none changes\n");
    expect((await run("audit", "export", "--out", "x.jsonl")).exitCode).toBe(0);
    const before = sent.length;
    const same = await run("policy", "diff", "seq:1", "seq:2", "--from", "x.jsonl");
    expect(same.stdout).toBe("10 requests on record: none changes\n");
    expect(sent).toHaveLength(before);
    const csv = await withRules("auditor", withoutShells).run(
      "policy",
      "diff",
      "active",
      "other",
      "--csv",
    );
    const [head, ...lines] = csv.stdout.trimEnd().split("\n");
    expect(head).toBe('"request","at","who","command","change","before","after"');
    expect(lines).toHaveLength(7);
    expect(lines.find((line) => line.includes(ids["automatic"] ?? ""))).toContain(
      '"payments-look (nobody) or team-command (payments-leads:1) or team-shell (payments-leads:1, sre:1)","team-command (payments-leads:1)',
    );
  });

  it("is refused to whoever may not audit, and for what is no activation", async () => {
    const stranger = await withRules("stranger", withoutShells).run(
      "policy",
      "diff",
      "rules",
      "other",
    );
    expect(stranger.exitCode).toBe(120);
    const missing = await withRules("auditor", withoutShells).run(
      "policy",
      "diff",
      "seq:7",
      "active",
    );
    expect(missing.stderr).toContain("no such activation is on record");
    expect(missing.exitCode).toBe(1);
  });
});

describe("policy who", () => {
  it("lists who could ask under which rule, and who could agree, by the rules in force", async () => {
    const { run } = commandLineOf(gateway, "auditor");
    const target = ["policy", "who", "demo/payments-api:app", "--tag", "team=payments"];
    const { stdout, exitCode } = await run("--json", ...target);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      could: [
        {
          who: "dev",
          kind: "person",
          groups: ["payments"],
          rule: "team-shell",
          maxMinutes: 120,
          automatic: false,
          breakGlass: false,
          needs: [
            { group: "payments-leads", count: 1, approvers: ["lead"] },
            { group: "sre", count: 1, approvers: ["sre"] },
          ],
          reachable: true,
        },
        {
          who: "sre",
          kind: "person",
          groups: ["sre"],
          rule: "payments-emergency",
          maxMinutes: 30,
          automatic: true,
          breakGlass: true,
          needs: [],
          reachable: true,
        },
      ],
    });
    const table = await run(...target, "--command", "/bin/uname -a");
    expect(table.stdout).toMatch(/^dev +payments-look +nobody$/m);
    expect(table.stdout).toMatch(/^sre +payments-emergency \(break glass\) +nobody$/m);
    const csv = await run(...target, "--csv");
    expect(csv.stdout.split("\n")).toContain(
      '"dev","person","payments","team-shell","120","false","false","payments-leads","1","lead","true"',
    );
  });

  it("takes the tags from what runs there, and the rules from a folder", async () => {
    const dev = withRules("dev", withoutShells);
    const there = await dev.run("policy", "who", "demo/payments-api", "--rules", "rules");
    expect(there.stdout).toMatch(/^dev +team-shell +1 of payments-leads +lead$/m);
    expect(dev.sent.map(({ path }) => path)).toEqual([
      "/v1/targets?cluster=demo&service=payments-api",
    ]);
    const glass = await dev.run("policy", "who", "demo/payments-api", "--rules", "other");
    expect(glass.stdout.split("\n").slice(1)).toEqual([
      expect.stringMatching(/^sre +payments-emergency \(break glass\) +nobody$/),
      "",
    ]);
    const tags = ["--rules", "other", "--tag", "team=reports"];
    const nobody = await dev.run("policy", "who", "x/y", ...tags);
    expect(nobody.stdout).toBe("nobody could ask for this there\n");
    const elsewhere = await withRules("stranger", withoutShells).run(
      "policy",
      "who",
      "demo/payments-api",
      "--rules",
      "rules",
    );
    expect(elsewhere.exitCode).toBe(1);
  });

  it("asks no gateway where rules and tags are both given", async () => {
    const { run, sent } = withRules("stranger", withoutShells);
    const words = ["policy", "who", "x/y", "--rules", "rules", "--tag", "team=payments"];
    const { stdout } = await run(...words);
    expect(stdout).toMatch(/^WHO +RULE +NEEDS +COULD APPROVE$/m);
    expect(sent).toEqual([]);
  });
});

describe("show --texts", () => {
  let id: string;
  let digest: string;
  beforeAll(async () => {
    const { policies, schema, directory } = rulesHere();
    const proposed = await gateway.as("operator")("POST", "/v1/activations", {
      policies: withoutShells(policies),
      schema,
      directory,
      reason: "no shells for a while",
    });
    ({ id, digest } = proposed.body.request);
  });

  it("writes what an activation would change, beside what is in force, for who could agree to it", async () => {
    const { run, folder } = commandLineOf(gateway, "sre");
    const { exitCode, stdout, stderr } = await run("show", id, "--texts", "sets");
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining("what is asked for: ")]);
    expect(stderr).toContain("diff -ru ");
    const text = (set: string, name: string) =>
      readFileSync(join(folder, "sets", set, name), "utf8");
    const { policies, schema, directory } = rulesHere();
    expect(text("asked", "policies.cedar")).toBe(withoutShells(policies));
    const [active] = (await gateway.as("auditor")("GET", "/v1/activations?seq=active")).body.items;
    const { data } = readEvent(active) as Event & { kind: "policy.activated" };
    expect(sha256Hex(text("in-force", "policies.cedar"))).toBe(data.texts.policies);
    expect(data.texts.policies).not.toBe(sha256Hex(withoutShells(policies)));
    for (const set of ["asked", "in-force"]) {
      expect(text(set, "schema.cedarschema")).toBe(schema);
      expect(text(set, "directory.json")).toBe(directory);
    }
    const again = await run("show", id, "--texts", "sets");
    expect([again.exitCode, again.stderr]).toEqual([2, expect.stringContaining("exists already")]);
  });

  it("is named beside the card that is to be agreed to", async () => {
    const { run } = commandLineOf(gateway, "sre");
    const { stderr } = await run("approve", id, "--digest", digest.replace(/^./, "x"));
    expect(stderr).toMatch(/all it would change, to compare: .* show [0-9a-z]{26} --texts DIR/);
  });

  it("is nothing for others, nor for a request that asks for no rules", async () => {
    const hash = sha256Hex(withoutShells(rulesHere().policies));
    const codes = async (path: string) => {
      const answers = (["sre", "operator", "auditor", "dev", "stranger"] as const).map((who) =>
        gateway.as(who)("GET", path),
      );
      return (await Promise.all(answers)).map(({ status, body }) => body.code ?? status);
    };
    const notTheirs = ["request_not_found", "request_not_found"];
    const known = await codes(`/v1/texts?hash=${hash}&request=${id}`);
    expect(known).toEqual([200, 200, 200, ...notTheirs]);
    const inForce = await codes(`/v1/activations?seq=active&request=${id}`);
    expect(inForce).toEqual([200, 200, 200, ...notTheirs]);
    // Of an earlier set: on record, and none of theirs.
    const earlier = sha256Hex(rulesHere().policies);
    const unnamed = await codes(`/v1/texts?hash=${earlier}&request=${id}`);
    expect(unnamed).toEqual(["not_on_record", "not_on_record", "not_on_record", ...notTheirs]);
    const older = await codes(`/v1/activations?seq=1&request=${id}`);
    expect(older).toEqual(["not_on_record", "not_on_record", "not_on_record", ...notTheirs]);
    const shell = ids["automatic"] ?? "";
    const { body } = await gateway.as("dev")("GET", `/v1/texts?hash=${hash}&request=${shell}`);
    expect(body.code).toBe("not_on_record");
    const refused = await commandLineOf(gateway, "dev").run("show", shell, "--texts", "none");
    expect([refused.exitCode, refused.stderr]).toEqual([
      2,
      expect.stringContaining("asks for no rules"),
    ]);
  });
});
