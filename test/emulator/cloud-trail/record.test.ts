import { describe, expect, it } from "vitest";
import { AwsError } from "../../../emulator/aws-error.ts";
import { type MadeCall, recordsOf } from "../../../emulator/cloud-trail/record.ts";
import { createTrail } from "../../../emulator/cloud-trail/trail.ts";
import type { Principal } from "../../../emulator/principal.ts";
import { delivery } from "../../kit/cloud-trail.ts";

const at = Date.UTC(2026, 10, 24, 8, 20, 0, 700);
const account = "111122223333";
const session = (of: string, roleName: string, name: string): Principal => ({
  accessKeyId: "ASIAEXAMPLE",
  arn: `arn:aws:sts::${of}:assumed-role/${roleName}/${name}`,
  roleArn: `arn:aws:iam::${of}:role/sallyport/${roleName}`,
  userId: `AROAEXAMPLE:${name}`,
  account: of,
  policies: [],
  tags: {},
  since: at - 5_000,
  ...(roleName === "sallyport-exec" ? { sourceIdentity: "dev" } : {}),
});
const made: MadeCall = {
  service: "ecs",
  operation: "ExecuteCommand",
  principal: session(account, "sallyport-exec", "req-1.1"),
  account,
  region: "us-east-1",
  input: { cluster: "demo", task: "t1", container: "app", command: "/bin/sh", interactive: true },
  outcome: {
    output: {
      clusterArn: "arn",
      containerArn: "arn",
      containerName: "app",
      interactive: true,
      session: { sessionId: "s1", streamUrl: "wss://s1", tokenValue: "opens it" },
      taskArn: "arn",
    },
  },
  requestId: "r1",
  sourceIp: "127.0.0.1",
  userAgent: "test",
  at,
  target: "ecs:demo_t1_r1",
};
const assumed: MadeCall = {
  ...made,
  service: "sts",
  operation: "AssumeRole",
  principal: session(account, "sallyport-lambda-exec", "exec"),
  input: {
    RoleArn: `arn:aws:iam::${account}:role/sallyport/sallyport-exec`,
    RoleSessionName: "req-1.1",
    DurationSeconds: "900",
    SourceIdentity: "dev",
    Tags: [{ Key: "container", Value: "app" }],
  },
  outcome: {
    output: {
      Credentials: {
        AccessKeyId: "ASIANEW",
        SecretAccessKey: "signs",
        SessionToken: "opens it",
        Expiration: "2026-11-24T08:35:00Z",
      },
      AssumedRoleUser: { AssumedRoleId: "AROAEXAMPLE:req-1.1", Arn: "arn" },
    },
  },
};
const refused = (code: string): MadeCall => ({
  ...made,
  outcome: { error: new AwsError(code, "because") },
});

/** The paths of all members, those of TLS apart: there is none here. */
function members(value: unknown, path = ""): string[] {
  if (typeof value !== "object" || value === null || path === ".detail.tlsDetails") return [];
  if (Array.isArray(value)) return value.flatMap((one) => members(one, `${path}[]`));
  return Object.entries(value).flatMap(([name, one]) => [
    `${path}.${name}`,
    ...members(one, `${path}.${name}`),
  ]);
}
const inFixture = (name: string): string[] => {
  const fill = { sessionName: "", person: "", cluster: "", clusterName: "", task: "", taskId: "" };
  const more = { container: "", command: "", sessionId: "", target: "", error: "" };
  const found = members(delivery(name, { ...fill, ...more }));
  return [...new Set(found)].filter((path) => path !== ".detail.tlsDetails").toSorted();
};
const inRecord = (call: MadeCall, n = 0): string[] =>
  [...new Set(members(recordsOf(call)[n]))].toSorted();

describe("what CloudTrail is made to tell of a call", () => {
  it.each<[string, MadeCall, number]>([
    ["execute-command", made, 0],
    ["execute-command-refused", refused("AccessDeniedException"), 0],
    ["start-session-by-ecs", made, 1],
    ["assume-exec", assumed, 0],
  ])("has the members of %s.json, and no others", (name, call, n) => {
    expect(inRecord(call, n)).toEqual(inFixture(name));
  });

  it("has the command in clear, who sent it in full, and no token", () => {
    const [told, started] = recordsOf(made);
    expect(told).toMatchObject({
      source: "aws.ecs",
      account,
      time: "2026-11-24T08:20:00Z",
      detail: {
        eventTime: "2026-11-24T08:20:00Z",
        eventName: "ExecuteCommand",
        recipientAccountId: account,
        userIdentity: {
          type: "AssumedRole",
          principalId: "AROAEXAMPLE:req-1.1",
          sessionContext: {
            sessionIssuer: { arn: `arn:aws:iam::${account}:role/sallyport/sallyport-exec` },
            attributes: { creationDate: "2026-11-24T08:19:55Z" },
            sourceIdentity: "dev",
          },
        },
        requestParameters: made.input,
        responseElements: {
          session: { sessionId: "s1", tokenValue: "HIDDEN_DUE_TO_SECURITY_REASONS" },
        },
      },
    });
    expect(started?.detail).toMatchObject({
      eventName: "StartSession",
      userIdentity: { type: "AWSService", invokedBy: "ecs.amazonaws.com" },
      requestParameters: { target: "ecs:demo_t1_r1" },
      responseElements: { sessionId: "s1" },
    });
    const all = JSON.stringify([...recordsOf(made), ...recordsOf(assumed)]);
    expect(all).not.toMatch(/opens it|signs/);
    expect(recordsOf(assumed)[0]?.detail).toMatchObject({
      readOnly: true,
      requestParameters: {
        durationSeconds: 900,
        tags: [{ key: "container", value: "app" }],
      },
      responseElements: { credentials: { expiration: "Nov 24, 2026, 8:35:00 AM" } },
    });
  });

  it("tells what was asked where AWS refused it, but not where IAM did", () => {
    const [denied] = recordsOf(refused("AccessDeniedException"));
    expect(denied?.detail).toMatchObject({
      errorCode: "AccessDenied",
      errorMessage: "because",
      requestParameters: null,
      responseElements: null,
    });
    const others = recordsOf(refused("TargetNotConnectedException"));
    expect(others).toHaveLength(1);
    expect(others[0]?.detail).toMatchObject({
      errorCode: "TargetNotConnectedException",
      requestParameters: made.input,
      responseElements: null,
    });
  });

  it("tells both accounts of a role that is taken up from another, of its caller the role's no more than the account", () => {
    const target = "444455556666";
    const role = { ...assumed.input, RoleArn: `arn:aws:iam::${target}:role/sallyport/x` };
    const [own, theirs] = recordsOf({ ...assumed, input: role });
    expect(own).toMatchObject({ account, detail: { userIdentity: { type: "AssumedRole" } } });
    expect(theirs).toMatchObject({ account: target, detail: { recipientAccountId: target } });
    expect(theirs?.detail["userIdentity"]).toEqual({
      type: "AWSAccount",
      principalId: "AROAEXAMPLE:exec",
      accountId: account,
    });
    expect(theirs?.detail["sharedEventID"]).toBe(own?.detail["sharedEventID"]);
    expect(theirs?.detail["eventID"]).not.toBe(own?.detail["eventID"]);
  });

  it("tells nothing of calls that lead into no container", () => {
    expect(recordsOf({ ...made, operation: "DescribeTasks" })).toEqual([]);
    expect(recordsOf({ ...assumed, operation: "GetCallerIdentity" })).toEqual([]);
  });
});

describe("how it is delivered", () => {
  it("at once to everybody, or late, in another order and twice", () => {
    const taken: string[] = [];
    const failed: unknown[] = [];
    const trail = createTrail((error) => failed.push(error));
    trail.subscribe(() => {
      throw new Error("a taker that fails");
    });
    trail.subscribe(({ id }) => taken.push(id));
    const [one, two] = recordsOf(made);
    if (one === undefined || two === undefined) throw new Error("two were expected");
    trail.write([one]);
    expect(taken).toEqual([one.id]);
    trail.hold();
    trail.write([one, two]);
    expect(taken).toHaveLength(1);
    trail.letGo(2);
    expect(taken.slice(1)).toEqual([two.id, one.id, two.id, one.id]);
    trail.write([two]);
    expect(taken).toHaveLength(6);
    // Whoever fails keeps nothing from the others.
    expect(failed).toHaveLength(6);
  });
});
