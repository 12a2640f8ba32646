import { describe, expect, it } from "vitest";
import { delivery } from "../kit/cloud-trail.ts";
import { looked } from "../kit/looks.ts";
import { place } from "./fleet.ts";
import { alarms, found, kinds, MINUTE, opened, watchFor } from "./watching.ts";
import { type World, world } from "./world.ts";

describe("what is done to the record itself", () => {
  it("a change of its table is on record with who made it, and alarms", async () => {
    const w = await world();
    await w.watch(delivery("update-table"));
    expect(found(w)).toMatchObject([
      {
        kind: "record.touched",
        data: {
          what: "table",
          action: "UpdateTable",
          about: "events",
          caller: expect.stringContaining("AWSReservedSSO_Admin"),
        },
      },
    ]);
    expect(alarms(w)).toEqual(["RecordTouched"]);
  });

  it("an event that cannot be read, and one that an index names in vain, are told of", async () => {
    const w = await world();
    const { id } = (await w.ask()).body;
    const { id: gone } = (await w.ask("dev", { reason: "another look" }, "k")).body;
    const partition = w.tables.items.get(`REQ#${id}`);
    const item = partition?.get("E#000001");
    if (item === undefined || !("event" in item)) throw new Error("nothing was asked");
    partition?.set("E#000001", {
      event: { ...item.event, leaf: `${item.event.leaf} ` },
    });
    w.tables.items.get(`REQ#${gone}`)?.delete("E#000001");
    await watchFor(w, 45);
    expect(
      found(w)
        .map(({ data }) => ("what" in data ? [data.what, data.about] : []))
        .toSorted(([a = ""], [b = ""]) => (a < b ? -1 : 1)),
    ).toEqual([
      ["absent", `REQ#${gone} #1`],
      ["unreadable", `REQ#${id} #1`],
    ]);
    expect(alarms(w)).toEqual(["RecordTouched", "RecordTouched"]);
  });
});

describe("sessions that no chain knows", () => {
  it("are told of once, and those that are known or just begun are not", async () => {
    const w = await world();
    await opened(w);
    const { target = "", taskArn = "", container = "" } = w.aws.sessions[0] ?? {};
    w.aws.sessions.push({
      sessionId: "ecs-execute-command-00000000000000001",
      target,
      taskArn,
      container,
      command: "/bin/sh",
      tokenValue: "",
      roleSessionName: "",
      startedAt: w.clock.now(),
      endsAt: undefined,
    });
    await w.watch({ task: "sessions" });
    expect(kinds(w)).toEqual([]);
    w.clock.advance(6 * MINUTE);
    await w.watch({ task: "sessions" });
    await w.watch({ task: "sessions" });
    expect(found(w)).toMatchObject([
      {
        kind: "session.unknown",
        data: { place, sessionId: "ecs-execute-command-00000000000000001", target },
      },
    ]);
    expect(alarms(w)).toEqual(["WatchDifference"]);
  });

  it("are looked for everywhere, also where one place does not answer", async () => {
    const w = await world({ places: [{ ...place, region: "eu-west-1" }, place] });
    let asked = 0;
    w.intercept = async ({ op }, next) => {
      if (op === "sessionWatch.goingOn" && ++asked === 1) throw new Error("eu-west-1 is down");
      return await next();
    };
    await expect(w.watch({ task: "sessions" })).rejects.toThrow("not every place");
    looked("wire");
    expect(asked).toBe(2);
  });
});

describe("decisions and the front door's log", () => {
  it("agree on everything that people do", async () => {
    const w = await world();
    const { told, id } = await opened(w);
    await w.watch(delivery("execute-command", told));
    const { id: other } = (await w.ask("dev", { reason: "no" }, "k")).body;
    await w.deny("lead", other);
    await w.revoke("lead", id);
    await w.call("sre", "POST", "/v1/locks", { kind: "person", id: "dev", reason: "a look" });
    const { id: refused } = (await w.ask("lead", {}, "l")).body ?? {};
    await w.approve("stranger", refused ?? other);
    await watchFor(w, 60);
    await w.watch({ task: "again" });
    expect(kinds(w)).toEqual(["call.matched"]);
    expect(alarms(w)).toEqual([]);
  });

  it.each([
    ["has no line of its call", (w: World) => void w.accessLines.splice(0), "no_line"],
    [
      "was called by another",
      (w: World) => {
        for (const line of w.accessLines) line.principal = `${place.account}:AIDAOTHER`;
      },
      "caller",
    ],
    [
      "was called by another route",
      (w: World) => {
        for (const line of w.accessLines) line.route = "GET /v1/requests";
      },
      "route",
    ],
    [
      "was called about another request",
      (w: World) => {
        for (const line of w.accessLines)
          line.path = "/v1/requests/00000000000000000000000000/decisions";
      },
      "route",
    ],
  ])("a decision that %s is told of once", async (_, change, why) => {
    const w = await world();
    // The activation of the world itself is in order.
    await watchFor(w, 60);
    expect(kinds(w)).toEqual([]);
    const { id } = (await w.ask()).body;
    await w.approve("lead", id);
    change(w);
    await watchFor(w, 60);
    await w.watch({ task: "again" });
    const own = found(w).filter(({ data }) => "chain" in data && data.chain === `REQ#${id}`);
    expect(own).toMatchObject([{ kind: "decision.unwitnessed", data: { seq: 2, why } }]);
    expect(alarms(w)).toContain("DecisionUnwitnessed");
  });

  it("are compared on what was opened, and on locks and rules, whatever the index of days leaves out", async () => {
    const w = await world();
    await watchFor(w, 60);
    const { id, told } = await opened(w);
    await w.watch(delivery("execute-command", told));
    await w.call("sre", "POST", "/v1/locks", {
      subject: { kind: "person", id: "auditor" },
      reason: "a look",
    });
    // As the role of `decide` could write them: events, and neither lines nor places in an index.
    w.accessLines.splice(0);
    const day = [...w.tables.items].filter(([pk]) => pk.startsWith("DAY#"));
    for (const [, places] of day) {
      for (const [key, place] of places) {
        const forged = "chain" in place && (place.chain === "LOCK" || place.seq === 2);
        if (forged) places.delete(key);
      }
    }
    await watchFor(w, 45);
    const untold = found(w).flatMap(({ kind, data }) =>
      kind === "decision.unwitnessed" ? [`${data.chain} #${data.seq}`] : [],
    );
    expect(untold.toSorted()).toEqual(["LOCK #1", `REQ#${id} #2`]);
  });

  it("are compared where the record takes one minutes after it was dated", async () => {
    const w = await world();
    await watchFor(w, 60);
    const { id } = (await w.ask()).body;
    const late = Promise.withResolvers<void>();
    const held = Promise.withResolvers<void>();
    w.intercept = async ({ by, op }, next) => {
      if (by === "decide" && op === "events.append") {
        held.resolve();
        await late.promise;
      }
      return await next();
    };
    const approved = w.approve("lead", id);
    await held.promise;
    // The mark goes past its date by less than clocks and calls may take.
    await watchFor(w, 30);
    w.clock.advance(4 * MINUTE);
    await w.watch({ task: "compare" });
    late.resolve();
    await approved;
    w.accessLines.splice(0);
    w.intercept = (_, next) => next();
    await w.watch({ task: "compare" });
    expect(found(w)).toMatchObject([
      { kind: "decision.unwitnessed", data: { chain: `REQ#${id}`, seq: 2 } },
    ]);
  });

  it("are compared once a day whatever the mark says", async () => {
    const w = await world();
    await watchFor(w, 60);
    const { id } = (await w.ask()).body;
    await w.approve("lead", id);
    w.accessLines.splice(0);
    w.tables.marks.set("watcher", w.clock.now() + 60 * MINUTE);
    w.clock.advance(40 * MINUTE);
    await w.watch({ task: "compare" });
    expect(kinds(w)).toEqual([]);
    await w.watch({ task: "again" });
    expect(found(w)).toContainEqual(
      expect.objectContaining({
        kind: "decision.unwitnessed",
        data: expect.objectContaining({ chain: `REQ#${id}`, seq: 2 }),
      }),
    );
  });

  it("is not asked before half an hour is over, and again where it does not answer", async () => {
    const w = await world();
    await watchFor(w, 60);
    const { id } = (await w.ask()).body;
    await w.approve("lead", id);
    const lines = w.accessLines.splice(0);
    await watchFor(w, 25);
    expect(kinds(w)).toEqual([]);
    w.intercept = async ({ op }, next) => {
      if (op === "accessLog.linesOf") throw new Error("the log does not answer");
      return await next();
    };
    w.clock.advance(10 * MINUTE);
    await expect(w.watch({ task: "compare" })).rejects.toThrow("the log does not answer");
    w.intercept = (_, next) => next();
    w.accessLines.push(...lines);
    await watchFor(w, 30);
    expect(kinds(w)).toEqual([]);
    expect(alarms(w)).toEqual([]);
  });
});
