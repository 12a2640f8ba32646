import { createServer } from "node:http";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  identityCenterMemberships,
  MEMBERSHIPS_KEPT_MS,
} from "../../adapters/identity-center-memberships.ts";
import { listenOnLoopback } from "../../emulator/loopback.ts";

/*
 * The adapter of IAM Identity Center over its wire format, AWS JSON 1.1, against answers of a test's own.
 */

interface Asked {
  operation: string;
  input: { [member: string]: unknown };
}
type Answers = (asked: Asked) => { status?: number; type?: string; body?: object };

const STORE = "d-1234567890";
let url: string;
let asked: Asked[];
let answers: Answers;
let now: number;
let failures: unknown[];

const server = createServer((request, response) => {
  const pieces: Buffer[] = [];
  request.on("data", (piece: Buffer) => pieces.push(piece));
  request.on("end", () => {
    const operation = String(request.headers["x-amz-target"]).replace("AWSIdentityStore.", "");
    const call = { operation, input: JSON.parse(Buffer.concat(pieces).toString()) };
    asked.push(call);
    const { status = 200, type, body = {} } = answers(call);
    response.writeHead(status, { "content-type": "application/x-amz-json-1.1" });
    response.end(JSON.stringify(type === undefined ? body : { __type: type, message: "no" }));
  });
});
beforeAll(async () => {
  url = `http://127.0.0.1:${await listenOnLoopback(server, 0)}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));
beforeEach(() => {
  asked = [];
  failures = [];
  now = 1_000_000;
  answers = good;
});

const good: Answers = ({ operation, input }) => {
  switch (operation) {
    case "GetUserId":
      return { body: { UserId: "u-1", IdentityStoreId: STORE } };
    case "ListGroupMembershipsForMember":
      return input["NextToken"] === undefined
        ? { body: { GroupMemberships: [{ GroupId: "g-1" }, { GroupId: "g-2" }], NextToken: "2" } }
        : { body: { GroupMemberships: [{ GroupId: "g-3" }] } };
    default:
      return {
        body: {
          GroupId: input["GroupId"],
          DisplayName: { "g-1": "sre", "g-2": "payments leads", "g-3": "all" }[
            String(input["GroupId"])
          ],
        },
      };
  }
};

const center = () =>
  identityCenterMemberships({
    identityStoreId: STORE,
    region: "us-east-1",
    aws: {
      homeRegion: "us-east-1",
      baseCredentials: async () => ({ accessKeyId: "AKIA", secretAccessKey: "secret" }),
      endpoints: { identitystore: url },
    },
    clock: { now: () => now },
    onFailure: (error) => failures.push(error),
  });

describe("the groups of a user of Identity Center", () => {
  it("are all of them, page by page, by the names people know them by", async () => {
    expect(await center().groupsOf("ida@example.com")).toEqual({
      kind: "groups",
      groups: ["all", "payments leads", "sre"],
      asOf: now,
    });
    expect(asked[0]).toEqual({
      operation: "GetUserId",
      input: {
        IdentityStoreId: STORE,
        AlternateIdentifier: {
          UniqueAttribute: { AttributePath: "userName", AttributeValue: "ida@example.com" },
        },
      },
    });
    expect(asked.map(({ operation }) => operation)).toHaveLength(6);
    for (const { input } of asked) expect(input["IdentityStoreId"]).toBe(STORE);
  });

  it("are kept for five minutes and not a moment longer, each user's by themselves", async () => {
    const memberships = center();
    await memberships.groupsOf("ida");
    const once = asked.length;
    now += MEMBERSHIPS_KEPT_MS - 1;
    expect(await memberships.groupsOf("ida")).toMatchObject({ asOf: 1_000_000 });
    expect(asked).toHaveLength(once);
    await memberships.groupsOf("olga");
    expect(asked).toHaveLength(2 * once);
    now += 1;
    expect(await memberships.groupsOf("ida")).toMatchObject({ asOf: now });
    expect(asked).toHaveLength(3 * once);
    expect(MEMBERSHIPS_KEPT_MS).toBeLessThanOrEqual(300_000);
  });

  it.each([
    ["fails", { status: 500, type: "InternalServerException" }],
    ["refuses", { status: 400, type: "AccessDeniedException" }],
    ["throttles", { status: 400, type: "ThrottlingException" }],
  ])("are unavailable where AWS %s, however well they were known before", async (_, answer) => {
    const memberships = center();
    expect((await memberships.groupsOf("ida")).kind).toBe("groups");
    now += MEMBERSHIPS_KEPT_MS;
    answers = (call) => (call.operation === "DescribeGroup" ? answer : good(call));
    expect(await memberships.groupsOf("ida")).toEqual({
      kind: "unavailable",
      why: "IAM Identity Center does not answer",
    });
    expect(failures).toHaveLength(1);
    answers = good;
    expect((await memberships.groupsOf("ida")).kind).toBe("groups");
  });

  it("are unknown of somebody who is not there, and looked up anew the next time", async () => {
    const memberships = center();
    answers = () => ({ status: 400, type: "ResourceNotFoundException" });
    expect(await memberships.groupsOf("nobody")).toMatchObject({ kind: "unknown" });
    expect(failures).toEqual([]);
    answers = good;
    expect((await memberships.groupsOf("nobody")).kind).toBe("groups");
  });

  it("are unknown of somebody in more than can be named, and not some of them", async () => {
    const GroupMemberships = Array.from({ length: 201 }, (_, i) => ({ GroupId: `g-${i}` }));
    answers = (call) =>
      call.operation === "ListGroupMembershipsForMember"
        ? { body: { GroupMemberships } }
        : good(call);
    expect(await center().groupsOf("ida")).toEqual({
      kind: "unknown",
      why: "they are in more than 200 groups",
    });
  });

  it("leave out one that was deleted meanwhile", async () => {
    answers = (call) =>
      call.input["GroupId"] === "g-2"
        ? { status: 400, type: "ResourceNotFoundException" }
        : good(call);
    expect(await center().groupsOf("ida")).toMatchObject({ groups: ["all", "sre"] });
  });
});
