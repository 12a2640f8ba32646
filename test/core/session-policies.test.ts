import { describe, expect, it } from "vitest";
import { literally } from "../../core/policy-document.ts";
import {
  endSessionPolicy,
  execSessionPolicy,
  SESSION_POLICY_LIMIT,
  stopTaskSessionPolicy,
} from "../../core/session-policies.ts";
import { evaluate, parsePolicy } from "../../emulator/iam/policy.ts";

const account = "111122223333";
const clusterArn = `arn:aws:ecs:us-east-1:${account}:cluster/prod`;
const taskArn = `arn:aws:ecs:us-east-1:${account}:task/prod/${"a".repeat(32)}`;
const notAfter = Date.parse("2026-11-24T08:20:21.900Z");

describe("execSessionPolicy", () => {
  const policy = parsePolicy(
    execSessionPolicy({ clusterArn, taskArn, container: "app", notAfter }),
    "session",
  );
  const allowed = (
    resource: string,
    container: string | undefined,
    at: string,
    action = "ecs:ExecuteCommand",
  ): boolean => {
    const context = { "ecs:container-name": container, "aws:currenttime": at };
    return evaluate([policy], { action, resource, context }) === "allow";
  };
  const inTime = "2026-11-24T08:20:20.999Z";

  it("allows the one container of the one task, on both resources that IAM asks for", () => {
    expect(allowed(clusterArn, "app", inTime)).toBe(true);
    expect(allowed(taskArn, "app", inTime)).toBe(true);
  });

  it("allows nothing at or after the instant, nor in the second it falls into", () => {
    expect(allowed(taskArn, "app", "2026-11-24T08:20:21.000Z")).toBe(false);
    expect(allowed(taskArn, "app", "2026-11-24T08:20:22.000Z")).toBe(false);
  });

  it("allows no other container, task, cluster or action, and no unnamed container", () => {
    expect(allowed(taskArn, "envoy", inTime)).toBe(false);
    expect(allowed(taskArn, undefined, inTime)).toBe(false);
    expect(allowed(taskArn.replaceAll("a".repeat(32), "b".repeat(32)), "app", inTime)).toBe(false);
    expect(allowed(`${clusterArn}-2`, "app", inTime)).toBe(false);
    expect(allowed(taskArn, "app", inTime, "ecs:StopTask")).toBe(false);
  });

  it("fits STS's limit with the longest names ECS allows", () => {
    const long = "n".repeat(255);
    const worst = execSessionPolicy({
      clusterArn: `arn:aws-us-gov:ecs:us-gov-west-1:${account}:cluster/${long}`,
      taskArn: `arn:aws-us-gov:ecs:us-gov-west-1:${account}:task/${long}/${"a".repeat(36)}`,
      container: long,
      notAfter,
    });
    expect(JSON.stringify(worst).length).toBeLessThanOrEqual(SESSION_POLICY_LIMIT);
  });
});

describe("stopTaskSessionPolicy", () => {
  it("allows the stop of the one task it names", () => {
    const policy = parsePolicy(stopTaskSessionPolicy(taskArn), "session");
    const stops = (resource: string) =>
      evaluate([policy], { action: "ecs:StopTask", resource, context: {} }) === "allow";
    expect(stops(taskArn)).toBe(true);
    expect(stops(taskArn.replaceAll("a".repeat(32), "b".repeat(32)))).toBe(false);
  });
});

describe("endSessionPolicy", () => {
  const place = { account, region: "eu-west-1" };
  const ends = (named: string, asked: string): boolean => {
    const policy = parsePolicy(endSessionPolicy("aws", place, named), "session");
    const resource = `arn:aws:ssm:eu-west-1:${account}:session/${asked}`;
    return (
      evaluate([policy], { action: "ssm:TerminateSession", resource, context: {} }) === "allow"
    );
  };

  it("allows the end of the one session it names", () => {
    expect(ends("ecs-execute-command-0a1b", "ecs-execute-command-0a1b")).toBe(true);
    expect(ends("ecs-execute-command-0a1b", "ecs-execute-command-0a1c")).toBe(false);
  });

  it("takes a wildcard or a variable in a session id as the letters they are", () => {
    expect(ends("ecs-execute-command-*", "ecs-execute-command-0a1b")).toBe(false);
    expect(ends("ecs-execute-command-?", "ecs-execute-command-1")).toBe(false);
    expect(ends("ecs-execute-command-*", "ecs-execute-command-*")).toBe(true);
    expect(ends("${aws:userid}", "${aws:userid}")).toBe(true);
  });
});

describe("literally", () => {
  it("leaves the characters of names alone", () => {
    expect(literally("payments-api_2/a:b.c")).toBe("payments-api_2/a:b.c");
  });
});
