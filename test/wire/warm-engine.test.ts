import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { functionEnvironments } from "../kit/function-environments.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/**
 * How many of the engine's functions Node compiles while it runs a program, each before its first call. They are
 * listed into a file: what is printed into a full pipe is lost.
 */
function compiledBy(program: string, env: NodeJS.ProcessEnv = {}): number {
  const folder = mkdtempSync(join(tmpdir(), "sallyport-warm-"));
  const list = openSync(join(folder, "list"), "w+");
  try {
    const { status, stderr } = spawnSync(
      process.execPath,
      ["--trace-wasm-compilation-times", "--input-type=module", "--eval", program],
      { cwd: root, env, encoding: "utf8", stdio: ["ignore", list, "pipe"] },
    );
    if (status !== 0) throw new Error(stderr);
    const compiled = readFileSync(join(folder, "list"), "utf8").match(/ using Liftoff, /g);
    return compiled?.length ?? 0;
  } finally {
    closeSync(list);
    rmSync(folder, { recursive: true });
  }
}

/** Judges what somebody asks for by the rules of this checkout, as the first call of a process does. */
const FIRST_JUDGEMENT = `
  const { cedarPolicyEngine } = await import("./adapters/cedar-policy-engine.ts");
  const { rulesHere } = await import("./local/rules-here.ts");
  const texts = rulesHere();
  const verdict = cedarPolicyEngine().judge(
    { seq: 1, hash: "here", ...texts, directory: JSON.parse(texts.directory) },
    {
      principal: { kind: "person", id: "dev", groups: ["payments"] },
      action: "exec",
      resource: {
        kind: "service",
        id: "arn:aws:ecs:us-east-1:111122223333:service/demo/payments-api",
        name: "payments-api",
        clusterArn: "arn:aws:ecs:us-east-1:111122223333:cluster/demo",
        clusterName: "demo",
        account: "111122223333",
        region: "us-east-1",
        tags: { team: "payments" },
      },
      facts: {
        argc: 1,
        a: { "0": "/bin/sh" },
        line: '["/bin/sh"]',
        argv0: "/bin/sh",
        shell: true,
        has_ticket: false,
      },
    },
  );
  if (verdict.kind !== "permit") throw new Error(JSON.stringify(verdict));
`;

describe("the engine of the rules", () => {
  const environments = functionEnvironments();
  const start = (name: string) => `await import("./lambdas/${name}/handler.ts");`;

  it("is compiled while a function starts, by each that judges", () => {
    // Loading it compiles what is called to say its version; judging, a good thousand functions more.
    const loaded = compiledBy('await import("./adapters/cedar-policy-engine.ts");');
    for (const name of ["requests", "decide", "exec"]) {
      expect(compiledBy(start(name), environments[name]) - loaded, name).toBeGreaterThan(1_000);
    }
  });

  it("leaves hardly anything of it to the first call", () => {
    const started = compiledBy(start("exec"), environments["exec"]);
    const andJudged = compiledBy(`${start("exec")}\n${FIRST_JUDGEMENT}`, environments["exec"]);
    expect(andJudged - started).toBeLessThan(100);
  });
});
