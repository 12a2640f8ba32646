import { describe, expect, it } from "vitest";
import { emptyTail, nextEvent, readEvent, type StoredEvent } from "../../core/event.ts";
import { verifyChains } from "../../core/verify-chains.ts";
import { delivery, trailTime } from "../kit/cloud-trail.ts";
import { lastResortCommand } from "../kit/last-resort.ts";
import { uniqueIds } from "../kit/profiles.ts";
import { eventsIn } from "./tables.ts";
import { alarms, MINUTE, watchFor } from "./watching.ts";
import { type Who, type World, world } from "./world.ts";

const ID = "0a1b2c3d-0000-4000-9000-000000000001";
const COMMAND = "0a1b2c3d-0000-4000-9000-000000000002";
const verdict = { verdict: "justified", comment: "the gateway was down" };

/** Somebody takes the role up now, for 15 minutes, and runs a command with it. */
async function used(w: World, sessionName = "somebody"): Promise<void> {
  const at = trailTime(w.clock.now());
  await w.watch(delivery("assume-last-resort", { sessionName, at, id: ID }));
  await w.watch(
    delivery("execute-command-by-last-resort", { ...lastResortCommand, at, id: COMMAND }),
  );
}

/** So that all that AWS tells of it is on record. */
const over = (w: World): void => w.clock.advance(46 * MINUTE);
const review = (w: World, who: Who = "lead", id = ID, body: object = verdict, headers = {}) =>
  w.call(who, "POST", `/v1/last-resort/${id}/review`, body, headers);
const list = async (w: World, which = "", who: Who = "lead") =>
  (await w.call(who, "GET", `/v1/last-resort${which}`)).body.items;
const reviewsIn = (w: World) =>
  eventsIn(w.tables)
    .map(readEvent)
    .filter((event) => event.kind === "last_resort.reviewed");

describe("a use of the last resort", () => {
  it("owes a review from the moment on that it is on record, and shows what AWS told of it", async () => {
    const w = await world();
    const told = w.clock.now();
    await used(w);
    expect(await list(w, "?review=owed")).toEqual([
      {
        id: ID,
        account: "111122223333",
        users: [],
        assumedBy:
          "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0123456789abcdef",
        principal: "111122223333:AROAEXAMPLEADMIN00001:alice@example.com",
        from: "198.51.100.7",
        sessionName: "somebody",
        sourceIdentity: null,
        since: `${trailTime(told).slice(0, 19)}.000Z`,
        until: new Date(Math.floor(told / 1_000) * 1_000 + 15 * MINUTE).toISOString(),
        calls: [
          expect.objectContaining({ cloudTrailId: ID, name: "AssumeRole", error: null }),
          expect.objectContaining({
            cloudTrailId: COMMAND,
            name: "ExecuteCommand",
            about: `demo ${"0".repeat(32)} app`,
            sessionId: lastResortCommand.sessionId,
            from: "198.51.100.7",
          }),
        ],
        review: {
          state: "owed",
          dueAt: new Date(told + 24 * 60 * MINUTE).toISOString(),
          from: new Date(Math.floor(told / 1_000) * 1_000 + 45 * MINUTE).toISOString(),
        },
      },
    ]);
    expect(await list(w, "?review=overdue")).toEqual([]);
    w.clock.advance(24 * 60 * MINUTE);
    expect((await list(w, "?review=overdue"))[0].review.state).toBe("overdue");
    expect((await w.call("lead", "GET", `/v1/last-resort/${COMMAND}`)).body.id).toBe(ID);
  });

  it("is reviewed once, by another, on a chain of its own; and the second is told who was first", async () => {
    const w = await world();
    await used(w);
    over(w);
    const key = { "idempotency-key": "one" };
    const first = await review(w, "lead", COMMAND, verdict, key);
    expect([first.status, first.body.review]).toEqual([
      200,
      expect.objectContaining({ state: "done", by: "lead", ...verdict }),
    ]);
    expect((await review(w, "lead", COMMAND, verdict, key)).body).toEqual(first.body);
    const other = await review(w, "lead", COMMAND, { ...verdict, comment: "no" }, key);
    expect(other.body.code).toBe("idempotency_conflict");
    const second = await review(w, "sre");
    expect([second.status, second.body.code, second.body.detail]).toEqual([
      409,
      "review_not_owed",
      expect.stringContaining("lead has reviewed it at "),
    ]);
    expect(reviewsIn(w)).toMatchObject([
      {
        chain: "REVIEW#ASIAEXAMPLEKEY000002",
        seq: 1,
        actor: { kind: "person", person: "lead" },
        data: { person: "lead", verdict: "justified", id: COMMAND, users: [] },
      },
    ]);
    expect(await list(w, "?review=owed")).toEqual([]);
    expect(w.verify().problems).toEqual([]);
  });

  it("has one of two who review it at once be the first", async () => {
    const w = await world();
    await used(w);
    over(w);
    const answers = await Promise.all([review(w, "lead"), review(w, "sre")]);
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409]);
    expect(reviewsIn(w)).toHaveLength(1);
    expect(w.verify().problems).toEqual([]);
  });

  it("is not reviewed before all that AWS tells of it is on record", async () => {
    const w = await world();
    await used(w);
    w.clock.advance(44 * MINUTE);
    const early = await review(w);
    expect([early.status, early.body.code]).toEqual([409, "review_not_owed"]);
    expect(early.body.detail).toContain("not all of it may be on record yet");
    expect(reviewsIn(w)).toEqual([]);
  });

  it.each([
    ["by the name of the session", "lead", {}],
    ["by another writing of it", "LEAD", {}],
    [
      "by their session of a role that is not theirs in the directory",
      "somebody",
      {
        principalId: "AROAEXAMPLEADMIN00001:lead",
      },
    ],
    ["by their own user", "somebody", { type: "IAMUser", principalId: uniqueIds.lead }],
  ])("is not reviewed by whoever used it, known %s", async (_, sessionName, as) => {
    const w = await world();
    const event = delivery("assume-last-resort", {
      sessionName,
      at: trailTime(w.clock.now()),
      id: ID,
    }) as { detail: { userIdentity: object } };
    Object.assign(event.detail.userIdentity, as);
    await w.watch(event);
    over(w);
    expect((await list(w, "", "lead"))[0].users).toEqual(["lead"]);
    const refused = await review(w, "lead");
    expect([refused.status, refused.body.code]).toEqual([403, "self_approval"]);
    expect(reviewsIn(w)).toEqual([]);
    expect((await review(w, "sre")).status).toBe(200);
    expect(reviewsIn(w)[0]?.data.users).toEqual(["lead"]);
  });

  it("is as absent as one that never was to whoever may not see it, and to a program", async () => {
    const w = await world();
    await used(w);
    over(w);
    const none = "0a1b2c3d-0000-4000-9000-00000000000f";
    for (const who of ["dev", "bot"] as const) {
      const [hidden, absent] = [await review(w, who), await review(w, who, none)];
      expect([hidden.status, hidden.body.code]).toEqual([404, "not_on_record"]);
      expect(hidden.body.detail).toBe(absent.body.detail);
      expect(await list(w, "", who)).toEqual([]);
    }
    expect((await review(w, "auditor")).body.code).toBe("not_permitted");
    expect(reviewsIn(w)).toEqual([]);
  });

  it("is not reviewed by somebody who is locked", async () => {
    const w = await world();
    await used(w);
    over(w);
    const subject = { kind: "person", id: "lead" };
    await w.call("sre", "POST", "/v1/locks", { subject, reason: "a lost key" });
    expect((await review(w)).body.code).toBe("locked");
    expect(reviewsIn(w)).toEqual([]);
  });

  it("is not reviewed by somebody who is locked while they review", async () => {
    const w = await world();
    await used(w);
    over(w);
    const subject = { kind: "person", id: "lead" };
    w.intercept = async ({ by, op }, next) => {
      if (by !== "decide" || op !== "events.append") return await next();
      w.intercept = (_, go) => go();
      const lock = { subject, reason: "a lost key" };
      expect((await w.call("sre", "POST", "/v1/locks", lock)).status).toBe(201);
      return await next();
    };
    expect((await review(w)).body.code).toBe("locked");
    expect(reviewsIn(w)).toEqual([]);
  });

  it("is reviewed in words that carry no secret", async () => {
    const w = await world();
    await used(w);
    over(w);
    const comment = "the token was ghp_0123456789abcdefghijABCDEFGHIJ012345";
    const refused = await review(w, "lead", ID, { ...verdict, comment });
    expect(refused.body.code).toBe("secret_in_command");
    expect(reviewsIn(w)).toEqual([]);
  });

  it("is of the calls that say so themselves, whatever an index names beside them", async () => {
    const w = await world();
    await used(w);
    const at = trailTime(w.clock.now());
    const other = { sessionName: "lead", at, session: "ASIAOTHER" };
    await w.watch(delivery("assume-last-resort", other));
    const [theirs] = w.tables.items.get("WATCHED#use:ASIAOTHER") ?? [];
    if (theirs === undefined) throw new Error("the index names no call");
    w.tables.items.get("WATCHED#use:ASIAEXAMPLEKEY000002")?.set(...theirs);
    const one = (await w.call("sre", "GET", `/v1/last-resort/${ID}`)).body;
    expect([one.users, one.calls.length]).toEqual([[], 2]);
  });

  it("is shown and reviewed, where an earlier version put it into no index of uses", async () => {
    const w = await world();
    await used(w);
    over(w);
    w.tables.items.delete("WATCHED#last-resort");
    w.tables.items.delete("WATCHED#use:ASIAEXAMPLEKEY000002");
    expect((await w.call("lead", "GET", `/v1/last-resort/${ID}`)).body.id).toBe(ID);
    expect((await review(w)).body.review).toMatchObject({ state: "done", by: "lead" });
    expect(w.verify().problems).toEqual([]);
  });

  it("counts for reviewed by no event that is the review of another", async () => {
    const w = await world();
    await used(w);
    over(w);
    await review(w);
    const at = trailTime(w.clock.now());
    const other = "0a1b2c3d-0000-4000-9000-000000000003";
    await w.watch(
      delivery("assume-last-resort", { sessionName: "x", at, session: "ASIAOTHER", id: other }),
    );
    const [given] = reviewsIn(w);
    if (given === undefined) throw new Error("nobody has reviewed it");
    const forged: StoredEvent = nextEvent(emptyTail("REVIEW#ASIAOTHER"), given, {
      ...given,
      now: given.at,
      random: (n) => new Uint8Array(n),
    });
    await w.events.append([forged], []);
    const shown = await w.call("sre", "GET", `/v1/last-resort/${other}`);
    expect(shown.body.code).toBe("record_corrupt");
    over(w);
    expect((await review(w, "sre", other)).body.code).toBe("record_corrupt");
  });

  it("owes another review of a call that was told of after its review", async () => {
    const w = await world();
    await used(w);
    const at = trailTime(w.clock.now());
    over(w);
    await review(w);
    const late = "0a1b2c3d-0000-4000-9000-000000000003";
    await w.watch(
      delivery("execute-command-by-last-resort", { ...lastResortCommand, at, id: late }),
    );
    expect(await list(w, "?review=owed")).toMatchObject([
      { id: late, calls: [{ cloudTrailId: late }] },
    ]);
    w.clock.advance(60 * MINUTE);
    expect((await review(w, "sre", late)).status).toBe(200);
    expect(await list(w, "?review=owed")).toEqual([]);
    expect((await list(w)).length).toBe(2);
    expect(w.verify().problems).toEqual([]);
  });

  it.each(["", "HIDDEN_DUE_TO_SECURITY_REASONS"])(
    "is each call by itself, where CloudTrail has %j as the id of the credentials",
    async (session) => {
      const w = await world();
      const at = trailTime(w.clock.now());
      for (const id of [ID, COMMAND]) {
        await w.watch(
          delivery("execute-command-by-last-resort", { ...lastResortCommand, at, id, session }),
        );
      }
      expect((await list(w)).map(({ id }: { id: string }) => id).toSorted()).toEqual([ID, COMMAND]);
    },
  );

  it("is none where the role is another account's, whatever its name", async () => {
    const w = await world();
    const fill = { sessionName: "lead", at: trailTime(w.clock.now()) };
    const event = delivery("assume-last-resort", fill) as {
      detail: { requestParameters: { roleArn: string } };
    };
    const parameters = event.detail.requestParameters;
    parameters.roleArn = parameters.roleArn.replace("111122223333", "999999999999");
    await w.watch(event);
    expect(await list(w)).toEqual([]);
    expect(alarms(w)).toEqual([]);
    expect(eventsIn(w.tables).map(readEvent)).toMatchObject(
      expect.arrayContaining([
        expect.objectContaining({
          kind: "call.differed",
          data: expect.objectContaining({ differences: ["caller"], guarded: false }),
        }),
      ]),
    );
  });

  it("is listed once, however many calls it has", async () => {
    const w = await world();
    await used(w);
    const at = trailTime(w.clock.now());
    for (let n = 0; n < 30; n++) {
      await w.watch(delivery("execute-command-by-last-resort", { ...lastResortCommand, at }));
    }
    const first = (await w.call("lead", "GET", "/v1/last-resort")).body;
    expect(first.items.map(({ id }: { id: string }) => id)).toEqual([ID]);
    expect(first.items[0].calls).toHaveLength(32);
    expect(first.cursor).toBeUndefined();
    expect((await w.call("lead", "GET", "/v1/last-resort?cursor=x")).body.code).toBe(
      "query_invalid",
    );
  });

  it("is listed on one page alone, where its calls are on two", async () => {
    const w = await world();
    await used(w);
    const at = trailTime(w.clock.now());
    for (let n = 0; n < 25; n++) {
      w.clock.advance(1);
      await w.watch(delivery("assume-last-resort", { sessionName: "x", at, session: `ASIA${n}` }));
    }
    w.clock.advance(1);
    await w.watch(delivery("execute-command-by-last-resort", { ...lastResortCommand, at }));
    const first = (await w.call("lead", "GET", "/v1/last-resort")).body;
    expect([first.items.length, first.items[0].id]).toEqual([25, ID]);
    // To whoever may see none it says of none which credentials it was of.
    expect(first.cursor).not.toContain("ASIA");
    const cursor = encodeURIComponent(first.cursor);
    const rest = (await w.call("lead", "GET", `/v1/last-resort?cursor=${cursor}`)).body;
    const ids = [...first.items, ...rest.items].map(({ id }: { id: string }) => id);
    expect([ids.length, new Set(ids).size, rest.cursor]).toEqual([26, 26, undefined]);
  });

  it.each([
    ["no call", (w: World) => void w.accessLines.splice(0)],
    [
      "the call of another use",
      (w: World) => {
        const line = w.accessLines.at(-1);
        if (line !== undefined) Object.assign(line, { path: `/v1/last-resort/${COMMAND}/review` });
      },
    ],
  ])("whose review has %s at the front door is told of", async (_, change) => {
    const w = await world();
    await used(w);
    over(w);
    await review(w);
    change(w);
    await watchFor(w, 45);
    expect(alarms(w)).toContain("DecisionUnwitnessed");
  });

  it("whose review was called for at the front door is not", async () => {
    const w = await world();
    await used(w);
    over(w);
    await review(w);
    await watchFor(w, 45);
    expect(alarms(w)).toEqual(["LastResortUsed", "LastResortUsed"]);
  });

  it("verifies with its review a day at a time, and not where it was taken away", async () => {
    const w = await world();
    await used(w);
    over(w);
    await review(w);
    const stored = eventsIn(w.tables);
    const without = stored.filter(({ chain }) => !chain.startsWith("WATCH#"));
    expect(verifyChains(without).problems).toEqual([]);
    expect(verifyChains(without, { whole: true }).problems).toMatchObject([
      { what: "nothing is on record that it could be the review of" },
    ]);
  });
});
