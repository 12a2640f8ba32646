import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { exampleConfigurations, synthesizedExample } from "../kit/synthesized-example.ts";

/*
 * cfn-lint knows what CloudFormation refuses, and finds only at deployment. It is no package of npm: where it is not
 * installed the tests say so.
 */

const isInstalled = spawnSync("cfn-lint", ["--version"]).status === 0;
if (!isInstalled) console.warn("SKIPPED: cfn-lint is not installed; templates are not linted");

describe.skipIf(!isInstalled).each(exampleConfigurations)("the stacks of examples/%s", (name) => {
  it("are templates in which cfn-lint finds nothing", () => {
    const { outdir, templates } = synthesizedExample(name);
    try {
      expect(templates.length).toBeGreaterThan(0);
      // W3005: the CDK lets every function depend on its role once more than it has to.
      const lint = spawnSync("cfn-lint", ["--ignore-checks", "W3005", "--", ...templates], {
        encoding: "utf8",
      });
      expect(lint.stdout).toBe("");
      expect(lint.status).toBe(0);
    } finally {
      rmSync(outdir, { recursive: true, force: true });
    }
  });
});
