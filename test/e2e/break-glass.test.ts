import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemRandom } from "../../adapters/system-clock.ts";
import { utcDay } from "../../core/clock.ts";
import type { StoredEvent } from "../../core/event.ts";
import { type Event, emptyTail, nextEvent, readEvent } from "../../core/event.ts";
import { verifyChains } from "../../core/verify-chains.ts";
import { rulesHere } from "../../local/rules-here.ts";
import { engineHere } from "../kit/engine.ts";
import { type Answered, startTestGateway, type TestGateway } from "../kit/gateway.ts";
import { type Profile } from "../kit/profiles.ts";
import { grownBy, wholeRecord } from "../kit/record.ts";

type Broken = Extract<Event, { kind: "glass.broken" }>;

const OLD = "9".repeat(26);
const MINUTE = 60_000;
const wish = {
  target: { cluster: "demo", service: "payments-api", container: "app" },
  command: "/bin/sh",
  reason: "payments are failing, and nobody of the leads answers",
};

/** The demo's rules with another number a day, put in force as they always are. */
async function allow(gateway: TestGateway, perDay: number): Promise<void> {
  const rules = rulesHere();
  const policies = rules.policies.replace('@max_per_day("3")', `@max_per_day("${perDay}")`);
  expect(policies).not.toBe(rules.policies);
  const asked = await gateway.as("operator")("POST", "/v1/activations", {
    ...rules,
    policies,
    reason: "so often a day",
  });
  const { id, digest } = asked.body.request;
  const decided = await gateway.as("sre")("POST", `/v1/requests/${id}/decisions`, {
    decision: "approve",
    digest,
  });
  expect(decided.status, JSON.stringify(decided.body)).toBe(200);
}

describe.skipIf(!engineHere)("breaking the glass", () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startTestGateway();
    await allow(gateway, 20);
  });
  afterAll(() => gateway.close());

  const post = (who: Profile, body: object = wish, headers = {}): Promise<Answered> =>
    gateway.as(who)("POST", "/v1/break-glass", body, headers);
  const review = (who: Profile, id: string, verdict = "justified"): Promise<Answered> =>
    gateway.as(who)("POST", `/v1/requests/${id}/review`, { verdict, comment: "it was so" });
  const revoke = (id: string) => gateway.as("lead")("POST", `/v1/requests/${id}/revoke`, {});
  const open = (who: Profile, id: string) =>
    gateway.as(who)("POST", `/v1/requests/${id}/sessions`, {});
  async function broken(body: object = wish): Promise<string> {
    const answer = await post("sre", body);
    expect(answer.status, JSON.stringify(answer.body)).toBe(201);
    await gateway.project(answer.body.id);
    return answer.body.id;
  }
  /** The same as of three days ago, put on record by the store itself: no handler has such a clock. */
  async function longAgo(id: string): Promise<string> {
    const [like] = await gateway.events.load(`REQ#${id}`);
    if (like === undefined) throw new Error("no such request");
    const { data: whole, values, actor, configuration, at } = readEvent(like) as Broken;
    // As an earlier version wrote it.
    const { judged: _, ...data } = whole;
    const DAYS = 3 * 24 * 60 * MINUTE;
    const body = {
      kind: "glass.broken" as const,
      values,
      data: {
        ...data,
        expiresAt: data.expiresAt - DAYS,
        reviewDueAt: data.reviewDueAt - DAYS,
        day: utcDay(at - DAYS),
      },
    };
    const by = { actor, configuration, now: at - DAYS, random: systemRandom };
    await gateway.events.append([nextEvent(emptyTail(`REQ#${OLD}`), body, by)], []);
    return OLD;
  }
  const eventsOf = async (id: string) => (await gateway.events.load(`REQ#${id}`)).map(readEvent);

  it("is a request that is approved at once, marked, with a review owed, in one transaction", async () => {
    const { result, added } = await grownBy(gateway.events, () => post("sre"));
    const { status, body } = result;
    expect([status, body.status, body.kind, body.breakGlass, body.review.state]).toEqual([
      201,
      "approved",
      "exec",
      true,
      "owed",
    ]);
    expect(Date.parse(body.review.dueAt) - Date.parse(body.askedAt)).toBe(24 * 60 * MINUTE);
    expect(body.brokenOfDay).toEqual({ day: body.askedAt.slice(0, 10), count: 1, limit: 20 });
    expect(body.card.breakGlass).toBe(true);
    const kinds = added.map((event) => `${event.family} ${readEvent(event).kind}`);
    expect(kinds.toSorted()).toEqual(["broke glass.broken", "broke glass.counted"]);
    expect(gateway.logged.join("\n")).toContain("the glass was broken");
  });

  it("opens a session like any other, once, and the sweeper ends it at its minute", async () => {
    const id = await broken({ ...wish, durationMinutes: 1 });
    const opened = await open("sre", id);
    expect(opened.status, JSON.stringify(opened.body)).toBe(201);
    expect((await open("sre", id)).body.code).toBe("session_already_opened");
    expect((await open("lead", id)).body.code).toBe("not_permitted");
    await gateway.sweep(2 * MINUTE);
    const kinds = (await eventsOf(id)).map(({ kind }) => kind);
    expect(kinds).toEqual([
      "glass.broken",
      "exec.intent",
      "session.opened",
      "session.ended",
      "request.expired",
    ]);
  });

  it("T38 needs a reason that says something", async () => {
    const { reason: _, ...without } = wish;
    const { grown } = await grownBy(gateway.events, async () => {
      for (const body of [without, { ...wish, reason: "" }, { ...wish, reason: "urgent!" }]) {
        const answer = await post("sre", body);
        expect([answer.status, answer.body.code]).toEqual([400, "body_invalid"]);
        expect(answer.body.issues[0].pointer).toBe("/reason");
      }
    });
    expect(grown).toEqual([]);
  });

  it("T38 cannot extend itself: not by an extension, a repeat, a decision or a review", async () => {
    const key = { "idempotency-key": "one-emergency" };
    const first = await post("sre", wish, key);
    const { id, digest, grant } = first.body;
    const again = await post("sre", wish, key);
    expect([again.status, again.body.id, again.body.grant]).toEqual([201, id, grant]);
    expect((await post("sre", { ...wish, durationMinutes: 20 }, key)).body.code).toBe(
      "idempotency_conflict",
    );
    const extension = await gateway.as("sre")("POST", `/v1/requests/${id}/extensions`, {
      minutes: 30,
      reason: "it goes on and on, and we need longer",
    });
    expect([extension.status, extension.body.code]).toEqual([403, "not_permitted"]);
    for (const who of ["sre", "lead"] as const) {
      const decision = { decision: "approve", digest };
      const decided = await gateway.as(who)("POST", `/v1/requests/${id}/decisions`, decision);
      expect(decided.body.code).toBe(who === "sre" ? "self_approval" : "request_closed");
    }
    const early = await review("lead", id);
    expect([early.status, early.body.code]).toEqual([409, "review_not_owed"]);
    const { body } = await gateway.as("sre")("GET", `/v1/requests/${id}`);
    expect([body.grant, body.status, body.review.state]).toEqual([grant, "approved", "owed"]);
    expect((await eventsOf(id)).map(({ kind }) => kind)).toEqual(["glass.broken"]);
  });

  it("is not there for an ordinary ask: its rule is inactive on every other route", async () => {
    const asked = await gateway.as("sre")("POST", "/v1/requests", wish);
    expect([asked.status, asked.body.code]).toEqual([404, "cluster_not_found"]);
    const looked = await gateway.as("sre")("POST", "/v1/preflight", wish);
    expect([looked.status, looked.body.code]).toEqual([404, "cluster_not_found"]);
    const { body } = await gateway.as("sre")("GET", "/v1/targets?cluster=demo");
    expect(body.items ?? []).toEqual([]);
  });

  it("is refused to whoever no such rule permits it, and a program, on record", async () => {
    const { grown } = await grownBy(gateway.events, async () => {
      const developer = await post("dev");
      expect([developer.status, developer.body.code]).toEqual([403, "refused_by_rule"]);
      const bot = await post("bot");
      expect([bot.status, bot.body.code]).toEqual([403, "not_permitted"]);
    });
    expect(grown).toEqual(["REFUSED:decision.refused", "REFUSED:decision.refused"]);
  });

  it("tells a stranger nothing: of targets, of requests, or of who owes a review (I20)", async () => {
    const id = await broken();
    const bodies = await Promise.all(
      ["payments-api", "no-such-service"].map(async (service) => {
        const { status, body } = await post("stranger", {
          ...wish,
          target: { cluster: "demo", service },
        });
        const { instance: _, ...rest } = body;
        return JSON.stringify([status, rest]).replaceAll(service, "SERVICE");
      }),
    );
    expect(bodies[0]).toBe(bodies[1]);
    const reviews = await Promise.all(
      [id, "0123456789abcdefghjkmnpqrs"].map(async (one) => {
        const { status, body } = await review("stranger", one);
        const { instance: _, ...rest } = body;
        return [status, rest];
      }),
    );
    expect(reviews[0]).toEqual(reviews[1]);
    expect(reviews[0]?.[0]).toBe(404);
    for (const path of [
      "/v1/requests",
      "/v1/requests?review=owed",
      "/v1/requests?review=overdue",
    ]) {
      expect((await gateway.as("stranger")("GET", path)).body.items).toEqual([]);
    }
  });

  describe("the review", () => {
    it("is another person's, who may approve there, and is given once", async () => {
      const id = await broken();
      expect((await review("sre", id)).body.code).toBe("self_approval");
      expect((await review("auditor", id)).body.code).toBe("not_permitted");
      expect((await review("dev", id)).body.code).toBe("not_permitted");
      await revoke(id);
      const [one, other] = await Promise.all([
        review("lead", id),
        review("lead", id, "not_justified"),
      ]);
      expect([one.status, other.status].toSorted((a, b) => a - b)).toEqual([200, 409]);
      const { body } = await gateway.as("sre")("GET", `/v1/requests/${id}`);
      expect(body.review).toMatchObject({ state: "done", by: "lead", comment: "it was so" });
      expect((await review("lead", id)).body.code).toBe("review_not_owed");
    });

    it("is owed whatever came of it, and listed until it is given, however late", async () => {
      const id = await broken();
      await revoke(id);
      await gateway.project(id);
      const listed = async (which: string) => {
        const { body } = await gateway.as("lead")("GET", `/v1/requests?review=${which}`);
        return (body.items as { id: string }[]).map((item) => item.id);
      };
      expect(await listed("owed")).toContain(id);
      expect(await listed("overdue")).not.toContain(id);
      expect((await review("lead", id, "not_justified")).status).toBe(200);
      await gateway.project(id);
      expect(await listed("owed")).not.toContain(id);
    });

    it("is overdue once its time is over, and that is listed by itself", async () => {
      const id = await longAgo(await broken());
      await gateway.project(id);
      const { body } = await gateway.as("lead")("GET", "/v1/requests?review=overdue");
      expect(
        (body.items as { id: string; review: object }[]).map((one) => [one.id, one.review]),
      ).toEqual([[id, expect.objectContaining({ state: "overdue" })]]);
      expect((await review("lead", id)).body.review.state).toBe("done");
    });

    it("stands first in every list while it is owed, and once", async () => {
      const id = await broken();
      const asked = await gateway.as("dev")("POST", "/v1/requests", { ...wish, ticket: "OPS-1" });
      await gateway.project(asked.body.id);
      const ids = (answer: Answered) =>
        (answer.body.items as { id: string }[]).map((one) => one.id);
      const first = ids(await gateway.as("lead")("GET", "/v1/requests"));
      expect(first.indexOf(id)).toBeLessThan(first.indexOf(asked.body.id));
      expect(new Set(first).size).toBe(first.length);
      expect(ids(await gateway.as("lead")("GET", "/v1/requests?requester=dev"))).not.toContain(id);
      await revoke(id);
      expect((await review("lead", id)).status).toBe(200);
      await gateway.project(id);
      const after = ids(await gateway.as("lead")("GET", "/v1/requests"));
      expect(after.indexOf(id)).toBeGreaterThan(after.indexOf(asked.body.id));
    });
  });

  it("leaves a record that verifies, and in which a forged break is found", async () => {
    // The request of three days ago begins before the days that are read here.
    const record = (await wholeRecord(gateway.events)).filter(
      ({ chain }) => chain !== `REQ#${OLD}`,
    );
    expect(verifyChains(record).problems).toEqual([]);
    const genuine = record.find((event) => readEvent(event).kind === "glass.broken");
    if (genuine === undefined) throw new Error("none on record");
    const { chain, seq } = genuine;
    const found = (forged: StoredEvent | undefined) =>
      verifyChains(
        record.flatMap((event) => (event === genuine ? (forged ?? []) : event)),
      ).problems.map((problem) => `${problem.chain.split("#")[0] ?? ""}: ${problem.what}`);
    expect(found({ ...genuine, family: "asked" })).toContain(
      `REQ: event ${chain} #${seq}: glass.broken belongs to family broke, and is stored under asked`,
    );
    const leaf = JSON.parse(genuine.leaf);
    leaf.data.requester.person = "lead";
    const inAnothersName = { ...genuine, leaf: JSON.stringify(leaf) };
    expect(found(inAnothersName)).toContainEqual(
      expect.stringContaining("the requester is not who called"),
    );
  });
});

describe.skipIf(!engineHere)("the limit of breaking the glass", () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startTestGateway();
  });
  afterAll(() => gateway.close());

  it("T38 lets ten at once through three times a day, and says so on the chain of its person", async () => {
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, n) =>
        gateway.as("sre")("POST", "/v1/break-glass", { ...wish, reason: `${wish.reason}, ${n}` }),
      ),
    );
    const codes = answers.map(({ status, body }) => `${status} ${body.code ?? ""}`).toSorted();
    expect(codes).toEqual([
      ...Array.from({ length: 3 }, () => "201 "),
      ...Array.from({ length: 7 }, () => "429 break_glass_limit"),
    ]);
    const record = await wholeRecord(gateway.events);
    const counted = record.filter(({ chain }) => chain.startsWith("GLASS#sre#"));
    expect(counted.map(({ seq }) => seq).toSorted((a, b) => a - b)).toEqual([1, 2, 3]);
    const refused = record.filter((event) => readEvent(event).kind === "decision.refused");
    expect(refused).toHaveLength(7);
    expect(verifyChains(record).problems).toEqual([]);
  });

  it("is not got round by whoever comes back with new rules of the same limit", async () => {
    await allow(gateway, 2);
    const answer = await gateway.as("sre")("POST", "/v1/break-glass", wish);
    expect([answer.status, answer.body.code, answer.body.retryable]).toEqual([
      429,
      "break_glass_limit",
      true,
    ]);
  });
});
