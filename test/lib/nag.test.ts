import { rmSync } from "node:fs";
import { App, Validations } from "aws-cdk-lib";
import { AwsSolutionsChecks, NIST80053R5Checks } from "cdk-nag";
import type { IConstruct } from "constructs";
import { describe, expect, it } from "vitest";
import { exampleConfigurations, synthesizedExample } from "../kit/synthesized-example.ts";

/*
 * What cdk-nag finds in every example's stacks, with nothing bundled. A finding stands only where it is acknowledged
 * beside its construct by its exact id, and an acknowledgement only where there is such a finding.
 */

interface Finding {
  rule: string;
  at: string;
}

function findingsIn(app: App): Finding[] {
  return [AwsSolutionsChecks, NIST80053R5Checks].flatMap((Pack) =>
    new Pack(app).validateScope(app).violations.flatMap(({ ruleName, violatingResources }) =>
      (violatingResources ?? []).map(({ constructPath }) => ({
        rule: ruleName,
        at: constructPath ?? "",
      })),
    ),
  );
}

/** Takes every acknowledgement away, and answers which stood where. */
function takeAcknowledgements(app: App): Finding[] {
  const key = Validations.ACKNOWLEDGED_RULES_METADATA_KEY;
  return app.node.findAll().flatMap((construct) => {
    const own = construct.node.metadata.filter(({ type }) => type === key);
    for (const entry of own) (entry as { type: string }).type = "taken away";
    return own.flatMap(({ data }) =>
      Object.keys(data as { [id: string]: string }).map((id) => ({
        rule: id.replace(/^annotation::/i, ""),
        at: construct.node.path,
      })),
    );
  });
}

describe.each(exampleConfigurations)("the stacks of examples/%s", (name) => {
  const { app, outdir } = synthesizedExample(name);
  rmSync(outdir, { recursive: true, force: true });

  it("have nothing that AwsSolutions or NIST 800-53 finds and nobody has given a reason for", () => {
    expect(findingsIn(app)).toEqual([]);
  });

  it("acknowledge nothing that is not found", () => {
    const acknowledged = takeAcknowledgements(app);
    const found = findingsIn(app);
    expect(acknowledged.length).toBeGreaterThan(10);
    const idle = acknowledged.filter(
      ({ rule, at }) =>
        !found.some(
          (finding) =>
            finding.rule === rule && (finding.at === at || finding.at.startsWith(`${at}/`)),
        ),
    );
    expect(idle).toEqual([]);
    // Beside its construct: on a whole stack it would cover what nobody has thought of yet.
    expect(acknowledged.filter(({ at }) => !at.includes("/"))).toEqual([]);
  });
});

it("gives a reason of more than a word for each", () => {
  const { app, outdir } = synthesizedExample("own-everything.json");
  rmSync(outdir, { recursive: true, force: true });
  const reasons = app.node.findAll().flatMap(reasonsOf);
  expect(reasons.length).toBeGreaterThan(10);
  for (const reason of reasons) expect(reason.split(" ").length, reason).toBeGreaterThan(5);
});

function reasonsOf({ node }: IConstruct): string[] {
  return node.metadata
    .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
    .flatMap(({ data }) => Object.values(data as { [id: string]: string }));
}
