import { describe, expect, it } from "vitest";
import { endSessionName, ssmSessionEnder } from "../../adapters/ssm-session-ender.ts";
import { assumed, awsError, awsWire, json, stsError, type WireAnswer } from "../kit/aws-wire.ts";

const account = "111122223333";
const roleArn = `arn:aws:iam::${account}:role/sallyport/sallyport-end`;
const place = { account, region: "eu-west-1" };
const sessionId = "ecs-execute-command-0a1b2c3d4e5f";

function ender(ssm: () => WireAnswer, sts: () => WireAnswer = () => assumed(1, Date.now() + 9e5)) {
  const wire = awsWire((call) => (call.operation === "AssumeRole" ? sts() : ssm()));
  return {
    calls: wire.calls,
    sessionEnder: ssmSessionEnder({
      aws: {
        homeRegion: "us-east-1",
        baseCredentials: async () => ({ accessKeyId: "LAMBDA", secretAccessKey: "s" }),
        requestHandler: wire.requestHandler,
      },
      partition: "aws",
      roleArns: { [account]: roleArn },
    }),
  };
}

describe("ssmSessionEnder", () => {
  it("ends the session in its own region, with a session of the role that can end no other", async () => {
    const { sessionEnder, calls } = ender(() => json({ SessionId: sessionId }));
    expect(await sessionEnder.terminate(place, sessionId)).toBe("accepted");
    expect(calls).toMatchObject([
      {
        operation: "AssumeRole",
        input: { RoleArn: roleArn, RoleSessionName: `end-${sessionId}`, DurationSeconds: "900" },
      },
      {
        operation: "TerminateSession",
        host: "ssm.eu-west-1.amazonaws.com",
        accessKeyId: "ASIA1",
        input: { SessionId: sessionId },
      },
    ]);
    expect(JSON.parse(String(calls[0]?.input["Policy"])).Statement).toEqual([
      {
        Effect: "Allow",
        Action: ["ssm:TerminateSession"],
        Resource: [`arn:aws:ssm:eu-west-1:${account}:session/${sessionId}`],
      },
    ]);
  });

  it("says failed, and throws nothing, when AWS refuses either call", async () => {
    const denied = ender(() => awsError("AccessDeniedException"));
    expect(await denied.sessionEnder.terminate(place, sessionId)).toBe("failed");

    const refused = ender(
      () => json({}),
      () => stsError("AccessDenied"),
    );
    expect(await refused.sessionEnder.terminate(place, sessionId)).toBe("failed");
    expect(refused.calls.map((call) => call.operation)).toEqual(["AssumeRole"]);
  });

  it("says failed for an account without a role, and asks nobody", async () => {
    const { sessionEnder, calls } = ender(() => json({}));
    const elsewhere = { account: "999988887777", region: "eu-west-1" };
    expect(await sessionEnder.terminate(elsewhere, sessionId)).toBe("failed");
    expect(calls).toEqual([]);
  });
});

describe("endSessionName", () => {
  it("stays within what STS takes as a session name", () => {
    for (const id of ["x", "ecs-execute-command-0a", "é*/ ".repeat(24), "a".repeat(96)]) {
      expect(endSessionName(id)).toMatch(/^end-[\w+=,.@-]{1,60}$/);
    }
  });
});
