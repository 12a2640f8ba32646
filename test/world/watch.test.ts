import { describe, expect, it } from "vitest";
import { delivery, trailTime } from "../kit/cloud-trail.ts";
import { clusterArn, place } from "./fleet.ts";
import { toldOf } from "./told.ts";
import { alarms, differences, found, kinds, opened, watchFor } from "./watching.ts";
import { world } from "./world.ts";

describe("T74 reconciliation with what CloudTrail tells", () => {
  it("T74 matches the one call of an intent, and alarms nobody", async () => {
    const w = await world();
    const { id, told } = await opened(w);
    await w.watch(delivery("assume-exec", told));
    await w.watch(delivery("execute-command", told));
    await watchFor(w, 60);
    expect(found(w)).toMatchObject([
      {
        kind: "call.matched",
        chain: `WATCH#${place.account}#2026-11-24`,
        actor: { kind: "gateway", function: "watcher" },
        data: { request: id, attempt: 1, call: { sessionId: told["sessionId"] } },
      },
    ]);
    expect(alarms(w)).toEqual([]);
    expect(w.verify().problems).toEqual([]);
  });

  it("T74 counts a call once however often and in whatever order it is delivered", async () => {
    const w = await world();
    const { told } = await opened(w);
    const once = delivery("execute-command", told);
    const foreign = delivery("execute-command-by-alice", told);
    await Promise.all([once, foreign, once, foreign].map((event) => w.watch(event)));
    await w.watch(once);
    await w.watch(foreign);
    expect(kinds(w).toSorted()).toEqual(["call.differed", "call.matched"]);
    expect(alarms(w)).toEqual(["WatchDifference"]);
    expect(w.verify().problems).toEqual([]);
  });

  it("T74 looks at no request again for a call that was delivered before", async () => {
    const w = await world();
    const { told } = await opened(w);
    const once = delivery("execute-command", told);
    await w.watch(once);
    const loads: string[] = [];
    w.intercept = async ({ op }, next) => {
      if (op === "events.loadReadable") loads.push(op);
      return await next();
    };
    await w.watch(once);
    expect(kinds(w)).toEqual(["call.matched"]);
    expect(loads).toEqual([]);
  });

  it("T74 waits half an hour for a call that is told late", async () => {
    const w = await world();
    const { told } = await opened(w);
    await watchFor(w, 25);
    expect(kinds(w)).toEqual([]);
    await w.watch(delivery("execute-command", told));
    await watchFor(w, 60);
    expect(kinds(w)).toEqual(["call.matched"]);
    expect(alarms(w)).toEqual([]);
  });

  it("T74 says once that a session was opened of which AWS tells no call", async () => {
    const w = await world();
    const { id, told } = await opened(w);
    await watchFor(w, 45);
    expect(found(w)).toMatchObject([
      {
        kind: "call.missing",
        data: { request: id, attempt: 1, sessionId: told["sessionId"], why: "no_call" },
      },
    ]);
    await w.watch({ task: "again" });
    await watchFor(w, 30);
    expect(kinds(w)).toEqual(["call.missing"]);
    expect(alarms(w)).toEqual(["WatchDifference"]);
    expect(w.verify().problems).toEqual([]);
  });

  it("T74 takes a second call of an intent for one too many, even one alike in everything", async () => {
    const w = await world();
    const { id, told } = await opened(w);
    await w.watch(delivery("execute-command", told));
    await w.watch(delivery("execute-command", told));
    expect(kinds(w)).toEqual(["call.matched", "call.differed"]);
    expect(found(w)[1]).toMatchObject({
      data: { differences: ["extra"], request: id, attempt: 1, guarded: true },
    });
    expect(alarms(w)).toEqual(["WatchDifference"]);
  });

  it.each([
    ["another person", { person: "sre" }, ["person"]],
    ["another command", { command: "/bin/sh" }, ["command"]],
    ["another container", { container: "envoy" }, ["container"]],
    [
      "another task",
      { task: "arn:aws:ecs:us-east-1:111122223333:task/demo/00000000000000000000000000000000" },
      ["task"],
    ],
    ["another cluster", { cluster: clusterArn("other") }, ["cluster"]],
    ["another session", { sessionId: "ecs-execute-command-0000000000000000a" }, ["session"]],
    ["another hour", { at: "2026-11-24T09:20:00Z" }, ["time"]],
    [
      "another person, command and container",
      { person: "sre", command: "id", container: "envoy" },
      ["person", "container", "command"],
    ],
  ])("T74 says that a call was of %s than intended", async (_, other, wanted) => {
    const w = await world();
    const { id, told } = await opened(w);
    await w.watch(delivery("execute-command", { ...told, ...other }));
    expect(found(w)).toMatchObject([{ kind: "call.differed", data: { request: id, attempt: 1 } }]);
    expect(differences(w)).toEqual([wanted]);
    expect(alarms(w)).toEqual(["WatchDifference"]);
    // The intent's own call is still to be seen, and is its own.
    await w.watch(delivery("execute-command", told));
    expect(kinds(w)).toEqual(["call.differed", "call.matched"]);
  });

  it.each([
    ["no attempt of that number", (id: string) => `req-${id}.2`, ["intent"]],
    ["no request", () => "req-00000000000000000000000000.1", ["request"]],
    ["nothing that was ever asked", () => "just-a-name", ["request"]],
  ])("T74 says that a call by the gateway's role names %s", async (_, named, wanted) => {
    const w = await world();
    const { id, told } = await opened(w);
    await w.watch(delivery("execute-command", { ...told, sessionName: named(id) }));
    expect(differences(w)).toEqual([wanted]);
    expect(alarms(w)).toEqual(["WatchDifference"]);
  });

  it.each([
    ["a command by somebody", "execute-command-by-alice", ["caller"]],
    ["a command that AWS denied somebody", "execute-command-denied-to-alice", ["caller", "denied"]],
    ["a session past ECS", "start-session-by-alice", ["caller"]],
    ["a session resumed", "resume-session-by-alice", ["caller"]],
    ["the exec role assumed by somebody", "assume-exec-by-alice", ["caller"]],
    ["the exec role denied to somebody", "assume-exec-denied-to-alice", ["caller", "denied"]],
  ])("T74 tells of %s", async (_, name, wanted) => {
    const w = await world();
    const { told } = await opened(w);
    const target = `ecs:demo_${told["taskId"]}_${told["taskId"]}-0`;
    await w.watch(delivery(name, { ...told, target }));
    expect(differences(w)).toEqual([wanted]);
    expect(alarms(w)).toEqual(["WatchDifference"]);
  });

  it("T74 lets ECS itself begin the session of a command", async () => {
    const w = await world();
    const { told } = await opened(w);
    await w.watch(delivery("start-session-by-ecs", { target: `ecs:demo_${told["taskId"]}_x-0` }));
    expect(kinds(w)).toEqual([]);
    expect(alarms(w)).toEqual([]);
  });

  it("T74 puts a command in a cluster that is none of the gateway's on record, and wakes nobody", async () => {
    const w = await world();
    const { told } = await opened(w);
    await w.watch(
      delivery("execute-command-by-alice", { ...told, cluster: clusterArn("another-teams") }),
    );
    expect(found(w)).toMatchObject([{ kind: "call.differed", data: { guarded: false } }]);
    expect(alarms(w)).toEqual([]);
  });

  it.each([
    ["for a request that was never granted", {}, ["right"]],
    ["in another's name", { person: "sre" }, ["right", "person"]],
    ["for another container", { container: "envoy" }, ["right", "container"]],
    ["for a later attempt", { attempt: "3" }, ["right", "intent"]],
  ])("T74 says that the exec role was assumed %s", async (_, other, wanted) => {
    const w = await world();
    const { id } = (await w.ask()).body;
    const { attempt = "1", ...rest } = other as { [name: string]: string };
    await w.watch(
      delivery("assume-exec", {
        sessionName: `req-${id}.${attempt}`,
        person: "dev",
        clusterName: "demo",
        taskId: "0".repeat(32),
        container: "app",
        ...rest,
      }),
    );
    expect(differences(w)).toEqual([wanted]);
    expect(alarms(w)).toEqual(["WatchDifference"]);
  });

  it("T74 explains an outcome that nobody knew by the call that AWS tells of", async () => {
    const w = await world();
    w.intercept = async ({ op }, next) => {
      const answer = await next();
      return op === "execRole.executeCommand" ? { kind: "unknown", why: "reset" } : answer;
    };
    const { id } = (await w.ask()).body;
    await w.approve("lead", id);
    expect((await w.open("dev", id)).status).toBe(502);
    w.intercept = (_, next) => next();
    await w.watch(delivery("execute-command", toldOf(w, `req-${id}.1`)));
    await watchFor(w, 60);
    expect(kinds(w)).toEqual(["call.matched"]);
    expect(alarms(w)).toEqual([]);
  });

  it("T74 matches a call that AWS refused, of an attempt that failed", async () => {
    const w = await world();
    const error = "TargetNotConnectedException";
    w.intercept = async ({ op }, next) => {
      if (op !== "execRole.executeCommand") return await next();
      return { kind: "failed", code: "target_not_connected", aws: { error, message: "no" } };
    };
    const { id } = (await w.ask()).body;
    await w.approve("lead", id);
    await w.open("dev", id);
    const sessionName = `req-${id}.1`;
    const at = trailTime(w.clock.now());
    await w.watch(delivery("execute-command-refused", { sessionName, person: "dev", error, at }));
    await watchFor(w, 60);
    expect(kinds(w)).toEqual(["call.matched"]);
    expect(alarms(w)).toEqual([]);
  });

  it("T74 says so where the call came before its outcome, and AWS had answered another session", async () => {
    const w = await world();
    const { id } = (await w.ask()).body;
    await w.approve("lead", id);
    let told: { [name: string]: string } = {};
    w.intercept = async ({ op }, next) => {
      const answer = await next();
      if (op === "execRole.executeCommand") {
        told = { ...toldOf(w, `req-${id}.1`), sessionId: "ecs-execute-command-0000000000000000b" };
        await w.watch(delivery("execute-command", told));
      }
      return answer;
    };
    expect((await w.open("dev", id)).status).toBe(201);
    w.intercept = (_, next) => next();
    expect(kinds(w)).toEqual(["call.matched"]);
    await watchFor(w, 45);
    expect(found(w)[1]).toMatchObject({
      kind: "call.missing",
      data: { request: id, attempt: 1, why: "another_session" },
    });
    expect(alarms(w)).toEqual(["WatchDifference"]);
    expect(w.verify().problems).toMatchObject([
      { what: "it was answered with another session than was opened" },
    ]);
  });

  it("T74 says so of two calls that AWS had answered with each other's session", async () => {
    const w = await world();
    const ids: string[] = [];
    for (const key of ["a", "b"]) {
      const { id } = (await w.ask("dev", {}, key)).body;
      await w.approve("lead", id);
      ids.push(id);
    }
    let answered = 0;
    const both = Promise.withResolvers<void>();
    w.intercept = async ({ op }, next) => {
      const answer = await next();
      if (op !== "execRole.executeCommand") return answer;
      answered += 1;
      if (answered === ids.length) {
        const [a, b] = ids.map((id) => toldOf(w, `req-${id}.1`));
        await w.watch(delivery("execute-command", { ...a, sessionId: b?.["sessionId"] ?? "" }));
        await w.watch(delivery("execute-command", { ...b, sessionId: a?.["sessionId"] ?? "" }));
        both.resolve();
      }
      await both.promise;
      return answer;
    };
    const opens = await Promise.all(ids.map((id) => w.open("dev", id)));
    expect(opens.map(({ status }) => status)).toEqual([201, 201]);
    w.intercept = (_, next) => next();
    await watchFor(w, 45);
    const missing = found(w).flatMap(({ kind, data }) =>
      kind === "call.missing" ? [`${data.request} ${data.why}`] : [],
    );
    expect(missing.toSorted()).toEqual(ids.map((id) => `${id} another_session`).toSorted());
    expect(alarms(w)).toEqual(["WatchDifference", "WatchDifference"]);
  });

  it("T74 records before it alarms, and what could not be recorded is told of again", async () => {
    const w = await world();
    const { told } = await opened(w);
    const event = delivery("execute-command-by-alice", told);
    let counted = 0;
    w.intercept = async ({ by, op }, next) => {
      if (by === "watcher" && op === "events.append") {
        counted = w.counted.length;
        throw new Error("the record does not answer");
      }
      return await next();
    };
    await expect(w.watch(event)).rejects.toThrow("the record does not answer");
    expect(counted).toBe(0);
    // Whether it landed nobody knows: an alarm too many is better than none.
    expect(alarms(w)).toEqual(["WatchDifference"]);
    expect(kinds(w)).toEqual([]);
    w.intercept = (_, next) => next();
    await w.watch(event);
    expect(kinds(w)).toEqual(["call.differed"]);
  });
});

describe("the roles of the gateway, and the one outside it", () => {
  it("may be assumed to end sessions by those who end them, and by the watcher to look", async () => {
    const w = await world();
    for (const [name, sessionName] of [
      ["sweeper", "end-sweeper"],
      ["sweeper", "end-task-0123"],
      ["exec", "end-ecs-execute-command-0123"],
      ["watcher", "end-watcher"],
    ] as const) {
      await w.watch(delivery("assume-end", { function: name, sessionName }));
    }
    expect(kinds(w)).toEqual([]);
    await w.watch(delivery("assume-end", { function: "exec", sessionName: "end-task-0123" }));
    await w.watch(delivery("assume-end", { function: "decide", sessionName: "end-0123" }));
    expect(differences(w)).toEqual([["caller"], ["caller"]]);
  });

  it("is told of each time the last resort is taken up or used", async () => {
    const w = await world();
    const { told } = await opened(w);
    await w.watch(delivery("assume-last-resort", { sessionName: "alice" }));
    await w.watch(delivery("execute-command-by-last-resort", told));
    expect(found(w)).toMatchObject([
      { kind: "last_resort.used", data: { call: { name: "AssumeRole", sessionName: "alice" } } },
      { kind: "last_resort.used", data: { call: { name: "ExecuteCommand" } } },
    ]);
    expect(alarms(w)).toEqual(["LastResortUsed", "LastResortUsed"]);
  });
});
