import { describe, expect, it } from "vitest";
import { askForEnd } from "../../core/terminate.ts";
import { callerOf, engine, NOW, permit, roadOf, rules, thrown } from "../kit/build-request.ts";

const right = (action: string): string =>
  `@id("may-${action.toLowerCase()}") permit (principal in Sallyport::Group::"sre", action == Sallyport::Action::"${action}", resource);`;
const set = rules([permit("one", "sre:1"), right("terminate"), right("stopTask")]);
const { requester, resource } = roadOf(set).state();

function ask(as: string, stopTask: boolean, mayStopTasks = true) {
  const wish = {
    attempt: { attempt: 1 },
    sessionId: "s",
    stopTask,
    comment: "enough",
    bodyHash: "b",
    repeat: undefined,
  };
  return askForEnd(engine, set, { requester, resource }, callerOf(as), wish, mayStopTasks, NOW);
}

describe("asking for the end of a session", () => {
  it("is its owner's without a rule, and others' by one, with the groups it was judged by", () => {
    const { groups } = callerOf("dev");
    expect(ask("dev", false)).toEqual({
      kind: "end.asked",
      data: { attempt: 1, sessionId: "s", person: "dev", judged: { at: NOW, groups } },
      values: { body: "b", comment: "enough" },
    });
    expect(ask("sre", true).data).toMatchObject({ stopTask: true, judged: { groups: ["sre"] } });
  });

  it.each([
    ["another's session, by nobody's rule", "lead", false, true],
    ["its task, by its owner without the rule", "dev", true, true],
    ["a task, where the deployment stops none", "sre", true, false],
  ] as const)("is refused of %s", (_, as, stopTask, mayStopTasks) => {
    expect(thrown(() => ask(as, stopTask, mayStopTasks)).code).toBe("not_permitted");
  });
});
