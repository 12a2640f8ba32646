import { describe, expect, it } from "vitest";
import { sha256Hex } from "../../core/digest.ts";
import { emptyTail, nextEvent, readEvent, tailAfter } from "../../core/event.ts";
import { lookAtRecord } from "../../core/restore-plan.ts";
import { rulesHere } from "../../local/rules-here.ts";
import { looked } from "../kit/looks.ts";
import { asOfNow, fence, restoredArn, restoredFrom } from "./restored.ts";
import { eventsIn, partitionOf } from "./tables.ts";
import { type Answered, type World, world } from "./world.ts";

const MINUTE = 60_000;
/** A shell: what may be replaced. */
const shell = { command: "/bin/sh" };

async function granted(w: World, wish: object = {}): Promise<string> {
  const { id } = (await w.ask("dev", wish)).body;
  await w.approve("lead", id);
  await w.approve("sre", id);
  return id;
}

const lastOf = async (w: World, id: string) => {
  looked("record");
  const stored = (await w.events.load(`REQ#${id}`)).at(-1);
  if (stored === undefined) throw new Error("no chain");
  return readEvent(stored);
};
const sent = (w: World, operation: string): number =>
  w.journal.filter((entry) => entry.what === "wire" && entry.call.operation === operation).length;

/** Every act that could make use of what was granted or asked, and what it needs on record before the restore. */
const acts: {
  [act: string]: {
    before: (w: World) => Promise<string>;
    act: (w: World, id: string) => Promise<Answered>;
  };
} = {
  open: { before: granted, act: (w, id) => w.open("dev", id) },
  approve: {
    before: async (w) => (await w.ask()).body.id,
    act: (w, id) => w.approve("lead", id),
  },
  deny: { before: async (w) => (await w.ask()).body.id, act: (w, id) => w.deny("lead", id) },
  revoke: { before: granted, act: (w, id) => w.revoke("lead", id) },
  cancel: { before: granted, act: (w, id) => w.cancel("dev", id) },
  extend: {
    before: granted,
    act: (w, id) =>
      w.call("dev", "POST", `/v1/requests/${id}/extensions`, { minutes: 10, reason: "more" }),
  },
  "approve more time": {
    async before(w) {
      const id = await granted(w, shell);
      await w.open("dev", id);
      const asked = { minutes: 10, reason: "more" };
      const { status } = await w.call("dev", "POST", `/v1/requests/${id}/extensions`, asked);
      expect(status).toBeLessThan(300);
      return id;
    },
    async act(w, id) {
      const { body } = await w.call("lead", "GET", `/v1/requests/${id}`);
      const { digest } = body.extensions[0];
      return await w.call("lead", "POST", `/v1/requests/${id}/decisions`, {
        decision: "approve",
        digest,
      });
    },
  },
  replace: {
    async before(w) {
      const id = await granted(w, shell);
      await w.open("dev", id);
      return id;
    },
    async act(w, id) {
      const { body } = await w.call("dev", "GET", `/v1/requests/${id}`);
      const replace = body.sessions[0].sessionId;
      return await w.call("dev", "POST", `/v1/requests/${id}/sessions`, { replace });
    },
  },
  "open what the glass was broken for": {
    async before(w) {
      const { body } = await w.call("sre", "POST", "/v1/break-glass", {
        target: { cluster: "demo", service: "payments-api", container: "app" },
        command: "/bin/sh",
        reason: "it is on fire",
      });
      return body.id;
    },
    act: (w, id) => w.open("sre", id),
  },
  "agree to rules": {
    async before(w) {
      const set = { ...rulesHere(), reason: "the same again", evenIfActive: true };
      return (await w.call("operator", "POST", "/v1/activations", set)).body.request.id;
    },
    act: (w, id) => w.approve("sre", id),
  },
};

describe("a restored table", () => {
  it("answers everybody that it is sealed, and does nothing, until it is fenced", async () => {
    const w = await world();
    const id = await granted(w);
    const r = await restoredFrom(w, asOfNow(w));
    expect((await r.open("dev", id)).body.code).toBe("sealed");
    expect((await r.ask()).body.code).toBe("sealed");
    const { status } = await r.call("lead", "GET", `/v1/requests/${id}`);
    expect(status).toBe(503);
    expect(sent(r, "ExecuteCommand")).toBe(0);
    expect(await fence(r)).toEqual([2]);
    expect(await fence(r)).toEqual([]);
    expect((await r.ask()).status).toBe(201);
  });

  it.each(Object.entries(acts))("takes no `%s` on what was asked before it", async (_, of) => {
    const w = await world();
    const id = await of.before(w);
    const there = await restoredFrom(w, asOfNow(w));
    // On its own table it would be taken: what refuses it behind the fence is the fence.
    const own = await of.act(w, id);
    expect(own.status, JSON.stringify(own.body)).toBeLessThan(300);
    await fence(there);
    const before = (await there.events.load(`REQ#${id}`)).length;
    const answer = await of.act(there, id);
    expect(answer.body, JSON.stringify(answer.body)).toMatchObject({ code: "request_closed" });
    expect(answer.body.requestStatus).toBe("revoked");
    expect(await there.events.load(`REQ#${id}`)).toHaveLength(before);
    expect(there.verify().problems).toEqual([]);
  });

  it("lets nobody use a grant again whose use, revoke or lock the restore has forgotten", async () => {
    const w = await world();
    const [used, revoked, locked] = [await granted(w), await granted(w), await granted(w)];
    const fiveMinutesAgo = asOfNow(w);
    w.clock.advance(MINUTE);
    expect((await w.open("dev", used)).status).toBe(201);
    expect((await w.revoke("lead", revoked)).status).toBe(200);
    const lock = { subject: { kind: "person", id: "dev" }, reason: "left" };
    expect((await w.call("sre", "POST", "/v1/locks", lock)).status).toBe(201);
    const r = await restoredFrom(w, fiveMinutesAgo);
    await fence(r);
    const opened = sent(r, "ExecuteCommand");
    for (const id of [used, revoked, locked]) {
      expect((await r.open("dev", id)).body.code).toBe("request_closed");
      expect((await r.call("lead", "GET", `/v1/requests/${id}`)).body).toMatchObject({
        status: "revoked",
        outcome: { code: "restored" },
      });
    }
    expect(sent(r, "ExecuteCommand")).toBe(opened);
    // The lock itself is forgotten: nobody can know of it, and whoever operates the gateway sets it again.
    const fresh = await granted(r);
    await r.sweep();
    await r.sweep();
    expect((await r.open("dev", fresh)).status).toBe(201);
    expect(r.verify().problems).toEqual([]);
  });

  it("lets nobody use a grant again though its fence is dated after the grant's end", async () => {
    const w = await world();
    const [used, waiting] = [await granted(w), (await w.ask()).body.id];
    const backup = asOfNow(w);
    expect((await w.open("dev", used)).status).toBe(201);
    const r = await restoredFrom(w, backup);
    await fence(r, 30 * 24 * 60 * MINUTE);
    const opened = sent(r, "ExecuteCommand");
    expect((await r.open("dev", used)).body.code).toBe("request_closed");
    expect((await r.approve("lead", waiting)).body.code).toBe("request_closed");
    expect(sent(r, "ExecuteCommand")).toBe(opened);
    await r.sweep();
    expect(r.verify().problems).toEqual([]);
  });

  it("has ended what no event names though its fence is dated before that began", async () => {
    const w = await world();
    const lost = await granted(w, shell);
    const backup = asOfNow(w);
    w.clock.advance(10 * MINUTE);
    expect((await w.open("dev", lost)).status).toBe(201);
    w.clock.advance(5 * MINUTE);
    const r = await restoredFrom(w, backup);
    await fence(r, -10 * MINUTE);
    await r.sweep();
    await r.sweep();
    expect(r.aws.running()).toEqual([]);
  });

  it("frees every container and person at once, and has ended what was running before it", async () => {
    const w = await world();
    const known = await granted(w, shell);
    expect((await w.open("dev", known)).status).toBe(201);
    const unknown = await granted(w, { ...shell, reason: "another" });
    const backup = asOfNow(w);
    expect((await w.open("dev", unknown)).status).toBe(201);
    const [first, second] = w.aws.running();
    if (first === undefined || second === undefined) throw new Error("not two sessions");
    w.clock.advance(MINUTE);
    const r = await restoredFrom(w, backup);
    await fence(r);
    // Nobody has ended anything yet, and what was held is free all the same.
    const target = { cluster: "demo", task: first.taskArn, container: "app" };
    const early = await granted(r, { ...shell, target });
    expect((await r.open("dev", early)).status).toBe(201);
    await r.sweep();
    expect(r.aws.running().map(({ taskArn }) => taskArn)).toEqual([first.taskArn]);
    expect(await lastOf(r, known)).toMatchObject({
      kind: "session.ended",
      data: { cause: "restored", strength: "ssm-status" },
    });
    expect(r.logged.join("\n")).toContain(second.sessionId);
    const fresh = await granted(r, shell);
    expect((await r.open("dev", fresh)).status).toBe(201);
    await r.sweep();
    expect(r.aws.running()).toHaveLength(2);
    expect(r.verify().problems).toEqual([]);
  });

  it("settles an attempt of unknown outcome, though its minute was passed before the backup was made", async () => {
    const w = await world();
    const id = await granted(w);
    w.intercept = async ({ op }, next) => {
      if (op === "execRole.executeCommand") throw new Error("no answer");
      return await next();
    };
    expect((await w.open("dev", id)).status).toBeGreaterThanOrEqual(500);
    const backup = asOfNow(w);
    backup.marks.set("sweeper", w.clock.now() + 20 * MINUTE);
    w.clock.advance(25 * MINUTE);
    const r = await restoredFrom(w, backup);
    expect(lookAtRecord(eventsIn(r.tables), restoredArn, r.clock.now()).ends).toEqual([id]);
    await fence(r);
    await r.sweep();
    expect(await lastOf(r, id)).toMatchObject({ kind: "exec.settled" });
    expect(r.verify().problems).toEqual([]);
  });

  it("looks again for what does not end, and the mark does not pass it", async () => {
    const w = await world();
    const id = await granted(w, shell);
    const backup = asOfNow(w);
    expect((await w.open("dev", id)).status).toBe(201);
    const r = await restoredFrom(w, backup);
    await fence(r);
    r.aws.lies = true;
    await r.sweep();
    expect(r.aws.running()).toHaveLength(1);
    expect(r.counted).toContain("EndUnverified");
    r.aws.lies = false;
    r.clock.advance(20 * MINUTE);
    await r.sweep();
    expect(r.aws.running()).toEqual([]);
  });

  it("keeps the review that is owed, and the locks that stand", async () => {
    const w = await world();
    const broken = await acts["open what the glass was broken for"]?.before(w);
    const lock = { subject: { kind: "group", id: "payments" }, reason: "an audit" };
    expect((await w.call("sre", "POST", "/v1/locks", lock)).status).toBe(201);
    const r = await restoredFrom(w, asOfNow(w));
    const look = lookAtRecord(eventsIn(r.tables), restoredArn, r.clock.now());
    expect(look).toMatchObject({ kind: "sealed", stays: { locks: 1, reviewsOwed: 1 } });
    await fence(r);
    const { body } = await r.call("lead", "GET", `/v1/requests/${broken}`);
    expect(body).toMatchObject({ status: "revoked", review: { state: "owed" } });
    expect((await r.call("sre", "GET", "/v1/locks")).body.items).toHaveLength(1);
    expect((await r.ask()).body.code).toBe("locked");
  });

  it("takes two to unlock what one has asked to unlock before it", async () => {
    const w = await world();
    const lock = { subject: { kind: "group", id: "payments" }, reason: "an audit" };
    const { id } = (await w.call("lead", "POST", "/v1/locks", lock)).body;
    const unlock = async (on: World, who: "lead" | "sre") =>
      (await on.call(who, "DELETE", `/v1/locks/${id}`, {})).status;
    expect(await unlock(w, "lead")).toBe(202);
    const r = await restoredFrom(w, asOfNow(w));
    await fence(r);
    const [stands] = (await r.call("sre", "GET", "/v1/locks")).body.items;
    expect(stands).not.toHaveProperty("release");
    expect(await unlock(r, "sre")).toBe(202);
    expect((await r.ask()).body.code).toBe("locked");
    expect(await unlock(r, "lead")).toBe(200);
    expect((await r.ask()).status).toBe(201);
    expect(r.verify().problems).toEqual([]);
    // On its own table the second is enough.
    expect(await unlock(w, "sre")).toBe(200);
  });

  it("lets the same wish be asked anew in AWS's own shape, for nobody has said no", async () => {
    const w = await world();
    const [task] = w.aws.fleet.tasks;
    const wish = {
      cluster: "demo",
      task: task?.taskArn,
      container: "app",
      command: "/bin/ls",
      interactive: true,
      reason: "a look",
    };
    const first = await w.call("dev", "POST", "/v1/execute-command", wish);
    expect(first.status, JSON.stringify(first.body)).toBe(202);
    const r = await restoredFrom(w, asOfNow(w));
    await fence(r);
    const again = await r.call("dev", "POST", "/v1/execute-command", wish);
    expect(again.status).toBe(202);
    expect(again.body.id).not.toBe(first.body.id);
    expect(again.body.status).toBe("pending");
  });

  it("goes on under the same rules, and so do the sets that are activated after it", async () => {
    const w = await world();
    const r = await restoredFrom(w, asOfNow(w));
    await fence(r);
    const set = { ...rulesHere(), reason: "the same again", evenIfActive: true };
    const { body } = await r.call("operator", "POST", "/v1/activations", set);
    for (const who of ["sre", "lead"] as const) await r.approve(who, body.request.id);
    const conf = (await r.events.load("CONF")).map(readEvent);
    expect(conf.map(({ kind }) => kind)).toEqual([
      "policy.activated",
      "restore.fence",
      "policy.activated",
    ]);
    // What was asked before the fence stays void under sets that came after it.
    const old = (await w.ask()).body.id;
    const [stored] = await w.events.load(`REQ#${old}`);
    if (stored === undefined) throw new Error("no request");
    await r.events.append([stored], []);
    expect((await r.call("dev", "GET", `/v1/requests/${old}`)).body.status).toBe("revoked");
    expect(r.verify().problems).toEqual([]);
  });

  it("can be restored again: each fence voids what came between", async () => {
    const w = await world();
    const r = await restoredFrom(w, asOfNow(w));
    await fence(r);
    const id = await granted(r);
    const again = await world({
      onto: {
        tables: asOfNow(r),
        tableArn: `${restoredArn}-2`,
        clock: r.clock,
        aws: r.aws,
      },
    });
    expect((await again.open("dev", id)).body.code).toBe("sealed");
    expect(await fence(again)).toEqual([3]);
    expect((await again.open("dev", id)).body.code).toBe("request_closed");
    expect(again.verify().problems).toEqual([]);
  });

  it("voids a grant under rules that the backup has lost, and fills up their numbers", async () => {
    const w = await world();
    const set = { ...rulesHere(), reason: "the same again", evenIfActive: true };
    const activation = (await w.call("operator", "POST", "/v1/activations", set)).body.request.id;
    expect((await w.approve("sre", activation)).status).toBe(200);
    const id = await granted(w);
    const tables = asOfNow(w);
    const [, [lost] = []] = partitionOf(tables, "CONF");
    tables.items.get("CONF")?.delete(lost ?? "");
    const r = await restoredFrom(w, tables);
    expect(await fence(r)).toEqual([2, 3]);
    expect((await r.open("dev", id)).body.code).toBe("request_closed");
    expect(sent(r, "ExecuteCommand")).toBe(0);
    expect((await r.ask()).status).toBeLessThan(300);
  });

  it("does not verify with rules from an export that nobody asked for", async () => {
    const w = await world();
    const r = await restoredFrom(w, asOfNow(w));
    const tip = await r.events.tip("CONF");
    const before = tip === undefined ? undefined : readEvent(tip);
    if (tip === undefined || before?.kind !== "policy.activated") throw new Error("no set");
    const others = sha256Hex("permit (principal, action, resource);");
    const forged = nextEvent(
      tailAfter(emptyTail("CONF"), tip),
      {
        kind: "policy.activated",
        data: {
          ...before.data,
          texts: { ...before.data.texts, policies: others },
          request: "0123456789abcdefghjkmnpqrs",
        },
        values: { reason: "as we agreed" },
      },
      {
        actor: { kind: "person", person: "sre", principal: "111122223333:AIDASRE" },
        configuration: before.configuration,
        now: r.clock.now(),
        random: (bytes) => new Uint8Array(bytes),
      },
    );
    const record = eventsIn(r.tables);
    const look = lookAtRecord([...record, forged], restoredArn, r.clock.now());
    expect(look.problems).toEqual([
      { chain: "CONF", seq: 2, what: expect.stringContaining("did not agree to it") as string },
    ]);
    expect(lookAtRecord(record, restoredArn, r.clock.now()).problems).toEqual([]);
  });

  it("is not opened by a fence that puts other rules in force", async () => {
    const w = await world();
    const r = await restoredFrom(w, asOfNow(w));
    await fence(r);
    const tip = await r.events.tip("CONF");
    if (tip === undefined) throw new Error("no fence");
    // Rules that are on record: those of an earlier set, say.
    const others = `${rulesHere().policies}\n// as they were`;
    const leaf = tip.leaf.replace(/"policies":"[0-9a-f]{64}"/, `"policies":"${sha256Hex(others)}"`);
    expect(leaf).not.toBe(tip.leaf);
    const forged = await restoredFrom(w, asOfNow(w));
    await forged.events.putText(sha256Hex(others), others);
    await forged.events.append([{ ...tip, leaf }], []);
    const asked = (await forged.ask()).body;
    expect(asked.code, JSON.stringify(asked)).toBe("record_corrupt");
    expect(forged.requests()).toEqual([]);
    expect(forged.verify().problems[0]).toMatchObject({
      chain: "CONF",
      what: "it puts other rules in force than there were",
    });
  });
});
