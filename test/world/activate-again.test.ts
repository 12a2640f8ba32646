import { describe, expect, it } from "vitest";
import { readEvent } from "../../core/event.ts";
import { rulesHere } from "../../local/rules-here.ts";
import { asOfNow, fence, restoredFrom } from "./restored.ts";
import { type World, world } from "./world.ts";

const activate = (w: World, more: object = {}) =>
  w.call("operator", "POST", "/v1/activations", { ...rulesHere(), reason: "again", ...more });
const numberOf = async (w: World) => (await w.events.tip("CONF"))?.seq;

describe("the very set that is in force", () => {
  it("is not asked for again: the answer is since when it is in force, and by whom", async () => {
    const w = await world();
    const { status, body } = await activate(w);
    expect(status).toBe(200);
    expect(body).toEqual({
      active: {
        seq: 1,
        hash: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
        activatedAt: expect.any(String) as string,
        by: "operator",
      },
    });
    expect(await numberOf(w)).toBe(1);
    expect(w.requests()).toEqual([]);
  });

  it("names the request that asked for it, and who agreed to it last", async () => {
    const w = await world();
    const { policies } = rulesHere();
    const other = { policies: `${policies}\n// longer` };
    const { request } = (await activate(w, other)).body;
    expect((await w.approve("sre", request.id)).status).toBe(200);
    expect((await activate(w, other)).body.active).toMatchObject({
      seq: 2,
      by: "sre",
      request: request.id,
    });
    // The one before it is another.
    expect((await activate(w)).status).toBe(202);
  });

  it("is asked for where another came into force while it was looked at", async () => {
    const w = await world();
    const { policies } = rulesHere();
    const { request } = (await activate(w, { policies: `${policies}\n// longer` })).body;
    w.intercept = async ({ by, op, args: [chain] }, next) => {
      const answer = await next();
      if (by !== "decide" || op !== "events.tip" || chain !== "LOCK") return answer;
      w.intercept = (_, go) => go();
      expect((await w.approve("sre", request.id)).status).toBe(200);
      return answer;
    };
    const { status, body } = await activate(w);
    expect([status, Object.keys(body)]).toEqual([202, ["request"]]);
    expect(await numberOf(w)).toBe(2);
  });

  it("is told to nobody who is locked", async () => {
    const w = await world();
    const subject = { kind: "person", id: "operator" };
    await w.call("sre", "POST", "/v1/locks", { subject, reason: "a lost key" });
    expect((await activate(w)).body.code).toBe("locked");
  });

  it("is agreed to once more where that is wanted, by an event of its own", async () => {
    const w = await world();
    const { status, body } = await activate(w, { evenIfActive: true });
    expect(status).toBe(202);
    expect((await w.approve("sre", body.request.id)).status).toBe(200);
    expect(await numberOf(w)).toBe(2);
    expect(w.verify().problems).toEqual([]);
  });

  it("is told to nobody who may not ask for another", async () => {
    const w = await world();
    const set = { ...rulesHere(), reason: "again" };
    const { status, body } = await w.call("dev", "POST", "/v1/activations", set);
    expect(status).toBe(403);
    expect(body).not.toHaveProperty("active");
  });

  it("is in force behind a restore, by whoever restored it", async () => {
    const w = await world();
    const r = await restoredFrom(w, asOfNow(w));
    await fence(r);
    const tip = await r.events.tip("CONF");
    if (tip === undefined) throw new Error("no fence");
    const { actor } = readEvent(tip);
    expect((await activate(r)).body.active).toMatchObject({ seq: 2, by: actor.principal });
    expect(await numberOf(r)).toBe(2);
  });
});
