import { describe, expect, it } from "vitest";
import { ask } from "../../core/ask.ts";
import { cardDigest } from "../../core/card.ts";
import {
  callerOf,
  definitionOf,
  engine,
  MINUTE,
  NOW,
  permit,
  rules,
  siteByTask,
  siteOf,
  taskOf,
  wishOf,
} from "../kit/build-request.ts";

const oneLead = [permit("one", "payments-leads:1")];

function asking(texts: string[], site = siteOf(), wish = wishOf()) {
  return ask(engine, rules(texts), callerOf("dev"), site, wish, NOW);
}

function refusal(...args: Parameters<typeof asking>) {
  const answer = asking(...args);
  if (answer.kind !== "refused") throw new Error(answer.kind);
  expect(answer.body.kind).toBe("request.refused");
  expect(answer.body.data.code).toBe(answer.error.code);
  expect(answer.body.values).not.toHaveProperty("card");
  return answer;
}

describe("ask", () => {
  it("makes a card that shows the wish, where, how long and every rule, and its digest", () => {
    const answer = asking([...oneLead, permit("two", "sre:1", '@max_duration("20m")')]);
    if (answer.kind !== "asked") throw new Error(answer.kind);
    const { card, digest } = answer.body.values;
    expect(card).toMatchObject({
      requester: { person: "dev" },
      command: "/bin/ls",
      durationMinutes: 30,
      rules: [{ id: "one", needs: [{ group: "payments-leads", count: 1 }] }],
      target: { kind: "service", taskArn: null, runtimeId: null, container: "app" },
    });
    expect(digest).toBe(cardDigest(card));
    expect(answer.body.data).toMatchObject({
      automatic: [],
      expiresAt: null,
      lapsesAt: NOW + 240 * MINUTE,
    });
  });

  it("gives the grant at once where a rule asks nobody", () => {
    const answer = asking([permit("auto", "none")]);
    expect(answer.body.data).toMatchObject({ automatic: ["auto"], expiresAt: NOW + 30 * MINUTE });
  });

  it("never approves by itself a command that can become a shell", () => {
    expect(
      refusal([permit("auto", "none")], siteOf(), wishOf({ argv: ["/bin/sh"] })).error.code,
    ).toBe("refused_by_rule");
  });

  it("refuses what no rule permits, what one forbids, and what cannot be evaluated", () => {
    expect(refusal([]).body.data.rules).toEqual([]);
    const forbid = `@id("no") forbid (principal, action == Sallyport::Action::"exec", resource);`;
    expect(refusal([...oneLead, forbid]).body.data.rules).toEqual(["no"]);
    expect(refusal([permit("broken", "{missing}-leads:1"), ...oneLead]).error.code).toBe(
      "refused_by_rule",
    );
  });

  it("refuses a time longer than any rule allows, and says how long is allowed", () => {
    const { error } = refusal(oneLead, siteOf(), wishOf({ durationMinutes: 61 }));
    expect(error.code).toBe("refused_by_rule");
    expect(error.details.hint).toContain("60 minutes");
    expect(asking(oneLead, siteOf(), wishOf({ durationMinutes: 60 })).kind).toBe("asked");
  });

  it.each([
    ["cluster_kms_key", siteOf({ cluster: { ...siteOf().cluster, kmsKeyId: "key" } })],
    ["running_task", siteOf({ tasks: [] })],
    ["exec_enabled", siteOf({ tasks: [taskOf(1, { enableExecuteCommand: false })] })],
    ["readonly_root", siteOf({ taskDefinition: definitionOf({ readonlyRootFilesystem: true }) })],
    ["platform_version", siteOf({ tasks: [taskOf(1, { platformVersion: "1.3.0" })] })],
    [
      "exec_agent",
      siteOf({
        tasks: [
          taskOf(1, {
            containers: taskOf(1).containers.map((c) => ({
              ...c,
              execAgent: { lastStatus: "STOPPED" },
            })),
          }),
        ],
      }),
    ],
  ])("asks nobody when %s says it could not be opened", (check, site) => {
    const { error } = refusal(oneLead, site);
    expect(error.code).toBe("preflight_failed");
    expect(error.details.members).toMatchObject({ problems: [{ check }] });
  });

  it("names the task and its runtime on the card when a task is asked for", () => {
    const answer = asking(oneLead, siteByTask());
    expect(answer.body.data.target).toMatchObject({
      kind: "task",
      taskArn: taskOf(1).taskArn,
      runtimeId: taskOf(1).containers[0]?.runtimeId,
    });
  });

  it("puts the pinned revision or image on the card, and refuses a pinned image ECS does not tell", () => {
    const pin = (what: string) => [permit("pin", "sre:1", `@max_duration("1h") @pin("${what}")`)];
    expect(asking(pin("revision")).body.data.target.pinnedRevision).toBe(
      taskOf(1).taskDefinitionArn,
    );
    expect(asking(pin("image")).body.data.target.pinnedImage).toBe("sha256:one");
    const untold = taskOf(1, {
      containers: taskOf(1).containers.map((container) => {
        const untold = { ...container };
        delete untold.imageDigest;
        return untold;
      }),
    });
    expect(refusal(pin("image"), siteOf({ tasks: [untold] })).error.code).toBe("preflight_failed");
  });

  it("warns on the card, in its digest, of an agent that is still starting", () => {
    const containers = taskOf(1).containers.map((c) => ({
      ...c,
      execAgent: { lastStatus: "PENDING" },
    }));
    const answers = [siteOf(), siteOf({ tasks: [taskOf(1, { containers })] })].map((site) => {
      const answer = asking(oneLead, site);
      if (answer.kind !== "asked") throw new Error(answer.kind);
      return answer.body.values;
    });
    const [ready, starting] = answers;
    expect(ready?.card).toMatchObject({ warnings: [] });
    expect(starting?.card).toMatchObject({
      warnings: [expect.stringMatching(/^exec_agent: .*still starting/)],
    });
    expect(starting?.digest).not.toBe(ready?.digest);
  });

  it("judges a task by the definition it runs by, while the service is at another", () => {
    const next = { taskDefinitionArn: taskOf(1).taskDefinitionArn.replace(/:3$/, ":4") };
    const during = siteOf({
      ...next,
      taskDefinition: definitionOf({}, next),
      otherDefinitions: [definitionOf({ readonlyRootFilesystem: true })],
    });
    expect(refusal(oneLead, during).error.details.members).toMatchObject({
      problems: [{ check: "readonly_root" }],
    });
  });

  it("warns on the card of a cluster without transcript", () => {
    const answer = asking(oneLead, siteOf({ cluster: { ...siteOf().cluster, logging: "NONE" } }));
    if (answer.kind !== "asked") throw new Error(answer.kind);
    expect(answer.body.values.card).toMatchObject({
      transcript: "none",
      warnings: [expect.stringContaining("cluster_logging")],
    });
  });

  it("makes the same card of the same wish at another time", () => {
    const at = (now: number) =>
      ask(engine, rules(oneLead), callerOf("dev"), siteOf(), wishOf(), now);
    const [one, two] = [at(NOW), at(NOW + 12_345)];
    if (one.kind !== "asked" || two.kind !== "asked") throw new Error("refused");
    expect(one.body.values.digest).toBe(two.body.values.digest);
  });
});
