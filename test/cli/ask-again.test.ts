import { describe, expect, it } from "vitest";
import { askAgain } from "../../cli/ask-again.ts";
import type { ExecCard } from "../../core/card.ts";

const typed = { program: "sallyport", globalOptions: { as: "dev" }, region: "us-east-1" };
const arn = (rest: string, region = "us-east-1") => `arn:aws:ecs:${region}:111122223333:${rest}`;
const target: ExecCard["target"] = {
  kind: "service",
  clusterArn: arn("cluster/demo"),
  serviceArn: arn("service/demo/reports"),
  family: "reports",
  container: "app",
  taskArn: null,
  runtimeId: null,
  pinnedRevision: null,
  pinnedImage: null,
};
const again = (
  more: Partial<ExecCard["target"]>,
  command = "/bin/sh",
  reason = "why",
  ticket: string | null = null,
) =>
  askAgain(typed, {
    target: { ...target, ...more },
    command,
    reason,
    ticket,
    durationMinutes: 30,
  });

describe("the line that asks for the same again", () => {
  it.each<[string, string | undefined, string | undefined]>([
    ["a shell of a service", again({}), "demo/reports:app --reason why --for 30m"],
    [
      "a ticket",
      again({}, "/bin/sh", "why", "OPS-1"),
      "demo/reports:app --reason why --ticket OPS-1 --for 30m",
    ],
    [
      "a command with its words as a shell takes them",
      again({}, "/bin/sh -c 'echo it'", "it's stuck"),
      "demo/reports:app --reason 'it'\\''s stuck' --for 30m -- /bin/sh -c 'echo it'",
    ],
    [
      "one task",
      again({ kind: "task", taskArn: arn("task/demo/0123") }),
      "--task 0123 --cluster demo --container app --reason why --for 30m",
    ],
    [
      "a service of another region, by the whole name of its cluster",
      again({ clusterArn: arn("cluster/demo", "eu-west-1") }),
      `reports:app --cluster ${arn("cluster/demo", "eu-west-1")} --reason why --for 30m`,
    ],
  ])("names %s", (_, line, words) => {
    expect(line).toBe(`sallyport --as dev exec ${words}`);
  });

  it.each([
    ["a family, which no words name", again({ kind: "family", serviceArn: null })],
    ["a command that no words give", again({}, "type C:\\x")],
  ])("is none for %s", (_, line) => {
    expect(line).toBeUndefined();
  });

  it("of what the glass was broken for breaks it again, for exec may not be let have it", () => {
    const card = { target, command: "/bin/sh", reason: "fire", ticket: null, durationMinutes: 15 };
    expect(askAgain(typed, { ...card, breakGlass: true })).toBe(
      "sallyport --as dev break-glass demo/reports:app --reason fire --for 15m",
    );
  });
});
