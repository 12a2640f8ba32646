import { describe, expect, it } from "vitest";
import { routeLimits } from "../../api/route-limits.ts";
import { routes } from "../../api/routes.ts";
import { eventKinds } from "../../core/event-kinds.ts";
import type { GatewayFunctionName } from "../../core/family-policies.ts";
import { functionPolicy } from "../../core/function-policies.ts";
import { type Asked, allows, eventsTableArn, putting } from "../kit/policy-asked.ts";

const configuration = {
  eventsTableArn,
  viewsTableArn: "arn:aws:dynamodb:us-east-1:111122223333:table/views",
  stateTableArn: "arn:aws:dynamodb:us-east-1:111122223333:table/state",
  readRoleArns: ["arn:aws:iam::111122223333:role/sallyport/sallyport-read"],
  execRoleArns: ["arn:aws:iam::111122223333:role/sallyport/sallyport-exec"],
  endRoleArns: ["arn:aws:iam::111122223333:role/sallyport/sallyport-end"],
  accessLogArn: "arn:aws:logs:us-east-1:111122223333:log-group:access:*",
};
const names: GatewayFunctionName[] = [
  "requests",
  "decide",
  "exec",
  "projector",
  "sweeper",
  "watcher",
];
const { viewsTableArn } = configuration;

function may(name: GatewayFunctionName, asked: Asked): boolean {
  return functionPolicy(name, configuration).Statement.some((s) => allows(s, asked));
}

/** Those of the functions that may do what is asked. */
const whoMay = (asked: Asked): GatewayFunctionName[] => names.filter((name) => may(name, asked));

describe("functionPolicy: writes to the record", () => {
  // exec asks where asking and opening are one call.
  const writers = {
    asked: ["requests", "exec"],
    decided: ["decide"],
    broke: ["decide"],
    configured: ["decide"],
    opened: ["exec"],
    swept: ["sweeper"],
    read: ["requests"],
    // By the recovery role, which is no function.
    restored: [],
    watched: ["watcher"],
  };

  it.each(Object.entries(writers))("lets the family %s be put by %j alone", (family, who) => {
    const own: { [family: string]: string } = { read: "READ#dev#2026-11-24", watched: "WATCH#1#1" };
    const chain = own[family] ?? "REQ#1";
    expect(whoMay(putting(chain, family))).toEqual(who);
    // Of a read, and of what was seen, nothing is said that may have to be erased.
    expect(whoMay(putting(chain, family, "open"))).toEqual(own[family] === undefined ? who : []);
  });

  it.each(Object.entries(eventKinds))("lets %s be put wherever it may stand", (_, kind) => {
    for (const prefix of kind.chains) {
      const chain = prefix === "CONF" || prefix === "LOCK" ? prefix : `${prefix}#1`;
      // What exec asks, it asks on a request's chain: a refused call of its own is of its own family.
      const who = writers[kind.family].filter(
        (name) => prefix === "REQ" || name !== "exec" || kind.family !== "asked",
      );
      const open = kind.family === "read" || kind.family === "watched" ? [] : ["open"];
      expect(whoMay(putting(chain, kind.family, ...open))).toEqual(who);
    }
  });

  it("lets nobody but decide touch the configuration and its texts", () => {
    expect(whoMay(putting("CONF", "configured"))).toEqual(["decide"]);
    expect(whoMay(putting("TEXT#abc", "text"))).toEqual(["decide"]);
    for (const family of ["asked", "decided", "opened"]) {
      expect(whoMay(putting("CONF", family))).toEqual([]);
    }
  });

  it("lets reads stand on their own chains alone, and exec alone say where a session is", () => {
    expect(whoMay(putting("REQ#1", "read"))).toEqual([]);
    expect(whoMay(putting("READ#dev#2026-11-24", "asked"))).toEqual([]);
    expect(whoMay(putting("SESSION#s", "chain", "seq"))).toEqual(["exec"]);
    expect(whoMay(putting("REFUSED#c", "configured"))).toEqual([]);
  });

  it("lets no item carry two families, an unknown attribute, or a chain of its own making", () => {
    expect(whoMay(putting("REQ#1", "decided", "configured"))).toEqual([]);
    expect(whoMay(putting("REQ#1", "asked", "decided"))).toEqual([]);
    expect(whoMay(putting("REQ#1", "broke", "asked"))).toEqual([]);
    expect(whoMay(putting("GLASS#dev#2026-11-24", "decided"))).toEqual([]);
    expect(whoMay(putting("LOCK", "decided"))).toEqual(["decide"]);
    expect(whoMay(putting("LOCK", "opened"))).toEqual([]);
    expect(whoMay(putting("LOCK", "swept"))).toEqual([]);
    for (const chain of ["LOCK", "CONF", "PERSON#dev"]) {
      expect(whoMay(putting(chain, "broke"))).toEqual([]);
    }
    expect(whoMay(putting("WATCH#1", "asked"))).toEqual([]);
    // Who reviews what the watcher told of has no hand on its chains.
    expect(whoMay(putting("WATCH#1#1", "broke"))).toEqual([]);
    expect(whoMay(putting("WATCHED#use:1", "chain", "seq"))).toEqual(["watcher"]);
    expect(whoMay(putting("REVIEW#1", "broke"))).toEqual(["decide"]);
    expect(whoMay(putting("REVIEW#1", "decided"))).toEqual([]);
    expect(whoMay(putting("REQ#1", "watched"))).toEqual([]);
    expect(whoMay(putting("WATCHED#call:1", "chain", "seq"))).toEqual(["watcher"]);
    expect(whoMay(putting("WATCHED#call:1", "watched"))).toEqual([]);
    expect(whoMay(putting("WATCHED#item:1", "chain", "seq"))).toEqual(["sweeper", "watcher"]);
    expect(whoMay(putting("WATCHED#item:1", "swept"))).toEqual([]);
    expect(whoMay(putting("WATCH#1#1", "swept"))).toEqual(["sweeper"]);
  });

  it("lets no put through whose keys IAM was not told", () => {
    const blind = { action: "dynamodb:PutItem", resource: eventsTableArn };
    expect(whoMay(blind)).toEqual([]);
    expect(whoMay({ ...blind, leadingKeys: ["REQ#1"] })).toEqual([]);
  });

  it("lets each writer put the day's index, and the projector nothing at all", () => {
    const writing = ["requests", "decide", "exec", "sweeper"];
    expect(whoMay(putting("DAY#2026-11-24#0", "chain", "seq"))).toEqual([...writing, "watcher"]);
    expect(whoMay(putting("DUE#2026-11-24T08:20Z", "chain", "seq"))).toEqual(writing);
    expect(whoMay(putting("DAY#2026-11-24#0", "asked"))).toEqual([]);
  });

  it.each(names)("gives %s no update, deletion, batch write, scan or wildcard", (name) => {
    const onRecord = functionPolicy(name, configuration).Statement.filter(
      ({ Resource = [] }) => !Resource.includes(configuration.stateTableArn),
    );
    for (const action of onRecord.flatMap((s) => s.Action)) {
      expect(action).not.toMatch(/\*|Update|Delete|BatchWrite|PartiQL|Scan|TimeToLive|Policy/);
    }
  });
});

describe("functionPolicy: reads and roles", () => {
  it("lets the projector read requests and fences alone, and nobody else write views", () => {
    const query = (leadingKey: string): Asked => ({
      action: "dynamodb:Query",
      resource: eventsTableArn,
      leadingKeys: [leadingKey],
    });
    expect(may("projector", query("REQ#1"))).toBe(true);
    // Behind which fences of restores they stand.
    expect(may("projector", query("CONF"))).toBe(true);
    expect(may("projector", query("LOCK"))).toBe(false);
    expect(whoMay({ action: "dynamodb:PutItem", resource: viewsTableArn })).toEqual(["projector"]);
  });

  it("lets every function that decides check fences", () => {
    expect(whoMay({ action: "dynamodb:ConditionCheckItem", resource: eventsTableArn })).toEqual([
      "requests",
      "decide",
      "exec",
    ]);
  });

  it("lets exec alone assume the role that opens sessions, and the sweeper the one that ends them", () => {
    const whoAssumes = ([resource = ""]: string[]): GatewayFunctionName[] =>
      whoMay({ action: "sts:AssumeRole", resource });
    expect(whoAssumes(configuration.execRoleArns)).toEqual(["exec"]);
    expect(whoAssumes(configuration.endRoleArns)).toEqual(["exec", "sweeper", "watcher"]);
    expect(whoAssumes(configuration.readRoleArns)).toEqual([
      "requests",
      "decide",
      "exec",
      "sweeper",
    ]);
  });

  it.each(names)("gives %s no right on ECS, sessions, roles or functions", (name) => {
    const actions = functionPolicy(name, configuration).Statement.flatMap((s) => s.Action);
    expect(actions.filter((action) => !/^(?:dynamodb|sts):/.test(action))).toEqual(
      // What API Gateway wrote of its calls, which no function of ours may write.
      name === "watcher" ? ["logs:FilterLogEvents"] : [],
    );
  });
});

describe("functionPolicy: what is counted", () => {
  const onState = (action: string, leadingKey: string): Asked => ({
    action: `dynamodb:${action}`,
    resource: configuration.stateTableArn,
    leadingKeys: [leadingKey],
  });
  const front: GatewayFunctionName[] = ["requests", "decide", "exec"];

  it("lets each function count by just those limits that its routes have", () => {
    for (const per of ["write", "read"] as const) {
      const limited = routes.filter(({ name }) => routeLimits[name] === per);
      const serving = front.filter((name) => limited.some((route) => route.function === name));
      expect([per, whoMay(onState("UpdateItem", `RATE#${per}#person:dev`))]).toEqual([
        per,
        serving,
      ]);
    }
    // Those that ask.
    expect(whoMay(onState("UpdateItem", "RATE#target#arn"))).toEqual(["requests", "exec"]);
  });

  it("lets those behind the API count refusals, and the sweeper alone read them", () => {
    const minute = "REFUSED#2026-11-24T08:20Z#0";
    expect(whoMay(onState("UpdateItem", minute))).toEqual(front);
    expect(whoMay(onState("Query", minute))).toEqual(["sweeper"]);
    expect(whoMay(onState("Query", "RATE#write#person:dev"))).toEqual([]);
  });

  it("lets the sweeper alone move its mark, and nobody put or delete a row", () => {
    expect(whoMay(onState("UpdateItem", "MARK#sweeper"))).toEqual(["sweeper"]);
    for (const action of ["PutItem", "DeleteItem", "Scan", "BatchWriteItem"]) {
      for (const key of ["MARK#sweeper", "RATE#write#person:dev", "REFUSED#2026-11-24T08:20Z#0"]) {
        expect(whoMay(onState(action, key))).toEqual([]);
      }
    }
    expect(
      whoMay({ action: "dynamodb:UpdateItem", resource: configuration.stateTableArn }),
    ).toEqual([]);
  });
});

describe("the right to look up who is in which group", () => {
  const identityStoreArn = "arn:aws:identitystore::111122223333:identitystore/d-1234567890";
  const actionsOf = (name: GatewayFunctionName, more: { identityStoreArn?: string }) =>
    functionPolicy(name, { ...configuration, ...more })
      .Statement.flatMap(({ Action }) => Action)
      .filter((action) => action.startsWith("identitystore:"));

  it("is of three reads, for the functions behind the API and no others", () => {
    for (const name of names) {
      const isBehind = ["requests", "decide", "exec"].includes(name);
      expect([name, actionsOf(name, { identityStoreArn })]).toEqual([
        name,
        isBehind
          ? [
              "identitystore:GetUserId",
              "identitystore:ListGroupMembershipsForMember",
              "identitystore:DescribeGroup",
            ]
          : [],
      ]);
    }
  });

  it("is of the one store, and is nobody's where none is configured", () => {
    for (const name of names) expect(actionsOf(name, {})).toEqual([]);
    const resources = functionPolicy("exec", { ...configuration, identityStoreArn })
      .Statement.filter(({ Sid }) => Sid === "ReadMemberships")
      .flatMap(({ Resource }) => Resource ?? []);
    expect(resources).toEqual([
      identityStoreArn,
      "arn:aws:identitystore:::user/*",
      "arn:aws:identitystore:::group/*",
      "arn:aws:identitystore:::membership/*",
    ]);
  });
});
