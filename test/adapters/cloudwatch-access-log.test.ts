import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { describe, expect, it } from "vitest";
import { cloudwatchAccessLog } from "../../adapters/cloudwatch-access-log.ts";
import { awsError, awsWire, json, type WireAnswer, type WireCall } from "../kit/aws-wire.ts";
import { memoryAccessLog } from "../world/memory-access-log.ts";

const line = {
  requestId: "JKJaXmPLvHcESHA=",
  time: "1795508400000",
  route: "POST /v1/requests/{id}/decisions",
  path: "/v1/requests/01arz3ndektsv4rrffq69g5fav/decisions",
  status: "200",
  account: "111122223333",
  caller: "AROAEXAMPLE:alice",
};
const read = {
  call: line.requestId,
  route: line.route,
  path: line.path,
  principal: "111122223333:AROAEXAMPLE:alice",
  status: 200,
};

function logOf(answer: (call: WireCall) => WireAnswer) {
  const wire = awsWire(answer);
  const client = new CloudWatchLogsClient({
    region: "us-east-1",
    credentials: { accessKeyId: "LAMBDA", secretAccessKey: "s" },
    maxAttempts: 1,
    requestHandler: wire.requestHandler,
  });
  return { calls: wire.calls, log: cloudwatchAccessLog({ client, logGroupName: "access" }) };
}

/** Both answer alike: that in memory stands for CloudWatch in every other test. */
describe.each([
  ["CloudWatch's", logOf(() => json({ events: [{ message: JSON.stringify(line) }] })).log],
  ["that in memory", memoryAccessLog([{ ...read, at: 5 }])],
])("an access log, %s,", (_, log) => {
  it("has the line of a call, with who made it as events name them", async () => {
    expect(await log.linesOf([line.requestId], 0, 10)).toEqual([read]);
  });

  it("has nothing of no call", async () => {
    expect(await log.linesOf([], 0, 10)).toEqual([]);
  });
});

describe("cloudwatchAccessLog", () => {
  it("asks for the calls it is given, in the time it is given, page by page", async () => {
    const { log, calls } = logOf(({ input }) =>
      input["nextToken"] === undefined
        ? json({ events: [], nextToken: "two" })
        : json({ events: [{ message: JSON.stringify(line) }] }),
    );
    expect(await log.linesOf([line.requestId, "other="], 1_000, 2_000)).toEqual([read]);
    const asked = {
      logGroupName: "access",
      startTime: 1_000,
      endTime: 2_000,
      filterPattern: '{ ($.requestId = "JKJaXmPLvHcESHA=") || ($.requestId = "other=") }',
    };
    expect(calls.map(({ operation, input }) => [operation, input])).toEqual([
      ["FilterLogEvents", asked],
      ["FilterLogEvents", { ...asked, nextToken: "two" }],
    ]);
  });

  it("keeps within what CloudWatch takes as a pattern, however many calls there are", async () => {
    const { log, calls } = logOf(() => json({ events: [] }));
    const many = Array.from({ length: 45 }, (_, n) => `${String(n).padStart(15, "A")}=`);
    await log.linesOf(many, 0, 1);
    expect(calls).toHaveLength(3);
    for (const { input } of calls) {
      expect(String(input["filterPattern"]).length).toBeLessThanOrEqual(1_024);
    }
    const asked = calls.map(({ input }) => String(input["filterPattern"])).join("");
    for (const call of many) expect(asked).toContain(`"${call}"`);
  });

  it("names who came by a token as events do", async () => {
    const token = {
      ...line,
      account: "-",
      caller: "-",
      issuer: "https://idp.example",
      subject: "7",
    };
    const { log } = logOf(() => json({ events: [{ message: JSON.stringify(token) }] }));
    expect(await log.linesOf([line.requestId], 0, 1)).toEqual([
      { ...read, principal: "oidc:https://idp.example#7" },
    ]);
  });

  it("puts no id into a pattern that API Gateway would not give", async () => {
    const { log, calls } = logOf(() => json({ events: [{ message: JSON.stringify(line) }] }));
    expect(await log.linesOf(['") || ($.status = "200'], 0, 1)).toEqual([]);
    expect(calls).toEqual([]);
  });

  it.each(["no JSON", "null", "[]", "{}", '{"requestId":1}'])(
    "takes a line that says %s for none",
    async (message) => {
      const { log } = logOf(() => json({ events: [{ message }, {}] }));
      expect(await log.linesOf([line.requestId], 0, 1)).toEqual([]);
    },
  );

  it("throws where CloudWatch refuses: no line is no answer", async () => {
    const { log } = logOf(() => awsError("ResourceNotFoundException", "no such group"));
    await expect(log.linesOf([line.requestId], 0, 1)).rejects.toThrow("no such group");
  });
});
