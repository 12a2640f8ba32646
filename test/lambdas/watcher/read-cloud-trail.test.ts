import { describe, expect, it } from "vitest";
import {
  isOfCloudTrail,
  readDelivered,
  seenCall,
} from "../../../lambdas/watcher/read-cloud-trail.ts";
import { deliveries, delivery } from "../../kit/cloud-trail.ts";

const fill = {
  id: "0a1b2c3d-0000-4000-8000-000000000000",
  sessionName: "req-00000000000000000000000000.1",
  person: "dev",
  cluster: "arn:aws:ecs:us-east-1:111122223333:cluster/demo",
  clusterName: "demo",
  task: "arn:aws:ecs:us-east-1:111122223333:task/demo/1",
  taskId: "1",
  container: "app",
  command: 'sh -c "a  b"',
  sessionId: "ecs-execute-command-1",
  target: "ecs:demo_1_2",
  error: "TargetNotConnectedException",
  function: "sweeper",
};
const read = (name: string) => seenCall(readDelivered(delivery(name, fill)));
/** One member changed, wherever in the detail. */
const changed = (name: string, change: object): object => {
  const event = delivery(name, fill) as { detail: object };
  return { ...event, detail: { ...event.detail, ...change } };
};

describe("what EventBridge delivers of CloudTrail", () => {
  it.each(deliveries.filter((name) => name !== "update-table"))("reads %s", (name) => {
    expect(isOfCloudTrail(delivery(name, fill))).toBe(true);
    expect(read(name)).toMatchObject({
      id: fill.id,
      at: Date.UTC(2026, 10, 24, 8, 20),
      place: { account: "111122223333", region: "us-east-1" },
    });
  });

  it("reads a command with who sent it and what it was answered", () => {
    expect(read("execute-command")).toMatchObject({
      caller: {
        arn: "arn:aws:iam::111122223333:role/sallyport/sallyport-exec",
        sessionName: fill.sessionName,
        sourceIdentity: "dev",
      },
      error: null,
      asked: {
        name: "ExecuteCommand",
        cluster: fill.cluster,
        task: fill.task,
        container: "app",
        command: fill.command,
        sessionId: fill.sessionId,
      },
    });
  });

  it.each([
    ["execute-command-refused", { cluster: null, task: null, command: null, sessionId: null }],
    ["execute-command-denied-to-alice", { cluster: null, task: null }],
    [
      "assume-exec-denied-to-alice",
      { roleArn: "arn:aws:iam::111122223333:role/sallyport/sallyport-exec" },
    ],
  ])("reads of %s what AWS tells, and guesses nothing", (name, asked) => {
    expect(read(name)).toMatchObject({ error: expect.any(String), asked });
  });

  it("takes ECS's own cluster for one that is not named", () => {
    const event = changed("execute-command", { requestParameters: { task: "1", command: "ls" } });
    expect(seenCall(readDelivered(event))?.asked).toMatchObject({ cluster: "default" });
  });

  it.each([
    [[{ key: "cluster", value: "demo" }, { key: "task" }, "x"], { cluster: "demo", task: "" }],
    [undefined, {}],
  ])("reads session tags as a list %j", (tags, wanted) => {
    const event = changed("assume-exec", { requestParameters: { tags } });
    expect(seenCall(readDelivered(event))?.asked).toMatchObject({ tags: wanted });
  });

  it("reads session tags as an object", () => {
    const event = changed("assume-exec", { requestParameters: { principalTags: { task: "1" } } });
    expect(seenCall(readDelivered(event))?.asked).toMatchObject({ tags: { task: "1" } });
  });

  it("reads no session's name of a user, whatever is in its id", () => {
    const userIdentity = {
      type: "IAMUser",
      arn: "arn:aws:iam::111122223333:user/alice",
      principalId: `AIDA:${fill.sessionName}`,
    };
    const seen = seenCall(readDelivered(changed("execute-command", { userIdentity })));
    expect(seen?.caller).toMatchObject({ arn: userIdentity.arn, sessionName: null });
  });

  it("is nothing to compare where it is another call", () => {
    expect(
      seenCall(readDelivered(changed("execute-command", { eventName: "RunTask" }))),
    ).toBeUndefined();
    expect(
      seenCall(readDelivered(changed("execute-command", { eventSource: "x.amazonaws.com" }))),
    ).toBeUndefined();
  });

  it.each([
    ["no id", { eventID: "" }, "eventID"],
    ["no time", { eventTime: "soon" }, "eventTime"],
    ["nobody", { userIdentity: null }, "userIdentity"],
  ])("throws for one with %s: it is kept for somebody to look at", (_, change, member) => {
    expect(() => readDelivered(changed("execute-command", change))).toThrow(member);
  });
});
