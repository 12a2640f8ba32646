import { describe, expect, it } from "vitest";
import { filterLogEvents } from "../../../emulator/logs/filter-log-events.ts";
import { account, createWorld, region } from "../world.ts";

const group = `arn:aws:logs:${region}:${account}:log-group:calls:*`;
const reader = (resource: string) => {
  const world = createWorld({
    identities: [
      {
        accessKeyId: "AKIAREADER",
        secretAccessKey: "s",
        arn: `arn:aws:iam::${account}:user/reader`,
        userId: "AIDAREADER",
        account,
        policies: [
          {
            Version: "2012-10-17",
            Statement: [{ Effect: "Allow", Action: "logs:FilterLogEvents", Resource: resource }],
          },
        ],
      },
    ],
  });
  const lines = ["a", "b", "c"].map((requestId, i) => ({
    timestamp: 1_000 + i,
    message: JSON.stringify({ requestId, path: `/${requestId}` }),
  }));
  lines.push({ timestamp: 1_003, message: "no JSON at all" });
  const between = (from: number, to: number) =>
    lines.filter(({ timestamp }) => timestamp >= from && timestamp <= to);
  const principal = world.credentials.principalOf("AKIAREADER");
  if (principal === undefined) throw new Error("the reader is nobody");
  const asked = (input: { [member: string]: string | number }) => {
    const of = { ...world, logGroups: new Map([["calls", { between }]]) };
    const { events } = filterLogEvents(of, principal, { logGroupName: "calls", ...input });
    return (events as { message: string }[]).map(({ message }) => message.slice(14, 15));
  };
  return asked;
};
const both = '{ ($.requestId = "a") || ($.requestId = "c") }';

describe("FilterLogEvents", () => {
  it("answers the lines of the ids that are asked for, from one instant to another", () => {
    const asked = reader(group);
    expect(asked({ filterPattern: both })).toEqual(["a", "c"]);
    expect(asked({ filterPattern: both, startTime: 1_001 })).toEqual(["c"]);
    expect(asked({ filterPattern: both, endTime: 1_001 })).toEqual(["a"]);
    expect(asked({ filterPattern: '{ ($.path = "/b") }' })).toEqual(["b"]);
    expect(asked({})).toHaveLength(4);
  });

  it("asks IAM for that log group, and knows no other", () => {
    expect(() => reader(`${group.slice(0, -2)}-others:*`)({})).toThrow(
      "is not authorized to perform: logs:FilterLogEvents",
    );
    expect(() => reader("*")({ logGroupName: "others" })).toThrow("does not exist");
  });

  it.each(['{ $.requestId = "a" }', '{ ($.requestId = "a*") }', "error", `${both} `])(
    "refuses the pattern %s, which it cannot read",
    (filterPattern) => {
      expect(() => reader(group)({ filterPattern })).toThrow("Invalid filter pattern");
    },
  );
});
