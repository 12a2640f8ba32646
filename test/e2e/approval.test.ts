import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { verifyChains } from "../../core/verify-chains.ts";
import { approvalSet, commandOf } from "../kit/approval-set.ts";
import { engineHere } from "../kit/engine.ts";
import { startTestGateway, type TestGateway } from "../kit/gateway.ts";
import { type Profile } from "../kit/profiles.ts";
import { wholeRecord } from "../kit/record.ts";
import { type RawChannel, rawChannel } from "../wire/raw-channel.ts";

/** Who must agree, and what comes of a decision that meets another: the real functions on a real engine. */
describe.skipIf(!engineHere)("approval", () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startTestGateway({
      set: approvalSet({
        "one-of-a-crowd": '@approvals("crowd:1") @max_duration("1h")',
        "two-of-a-crowd": '@approvals("crowd:2") @max_duration("1h")',
        "in-order": '@approvals("payments-leads:1 then sre:1, crowd:1") @max_duration("1h")',
        "two-noes": '@approvals("crowd:2") @max_duration("1h") @deny_after("2")',
      }),
    });
  });
  afterAll(async () => {
    await gateway.close();
  });

  async function ask(rule: string, more: object = {}) {
    const asked = await gateway.as("dev")("POST", "/v1/requests", {
      target: { cluster: "demo", service: "payments-api", container: "app" },
      command: commandOf(rule),
      reason: "looking",
      ...more,
    });
    expect(asked.status, JSON.stringify(asked.body)).toBe(201);
    const { id, digest } = asked.body as { id: string; digest: string };
    return { id, digest };
  }

  const say = (who: Profile, { id, digest }: { id: string; digest: string }, more: object = {}) =>
    gateway.as(who)("POST", `/v1/requests/${id}/decisions`, {
      decision: "approve",
      digest,
      ...more,
    });
  const no = { decision: "deny" };

  async function kindsOf(id: string): Promise<string[]> {
    const stored = await gateway.events.load(`REQ#${id}`);
    return stored.map(({ leaf }) => (JSON.parse(leaf) as { kind: string }).kind);
  }

  it("gives one grant to 20 approvers at once on a quorum of 2", async () => {
    const request = await ask("two-of-a-crowd");
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => say(`other-${i}`, request)),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(2);
    for (const { status, body } of answers.filter((answer) => answer.status !== 200)) {
      expect([status, body.code, body.requestStatus]).toEqual([409, "request_closed", "approved"]);
      expect(body.detail).toMatch(
        /^the request is approved already: other-\d+ approved it at \S+Z, other-\d+ approved it at \S+Z$/,
      );
      expect(body.decisions).toHaveLength(2);
    }
    const stored = await gateway.events.load(`REQ#${request.id}`);
    const data = stored.map(({ leaf }) => JSON.parse(leaf).data);
    expect(data.filter(({ grant }) => grant !== undefined && grant !== null)).toHaveLength(1);
    expect(await kindsOf(request.id)).toEqual([
      "request.asked",
      "decision.approved",
      "decision.approved",
    ]);
  });

  it("T16 counts one person once, whichever of their identities agree at once", async () => {
    const request = await ask("two-of-a-crowd");
    const both = await Promise.all([say("other-0", request), say("other-100", request)]);
    expect(both.map(({ status, body }) => [status, body.status])).toEqual([
      [200, "pending"],
      [200, "pending"],
    ]);
    expect(await kindsOf(request.id)).toEqual(["request.asked", "decision.approved"]);
    expect((await say("other-1", request)).body.status).toBe("approved");
  });

  it("T22 makes one transition of the same click twice, and of two clicks at once", async () => {
    const request = await ask("one-of-a-crowd");
    const clicks = await Promise.all([
      say("other-1", request),
      say("other-1", request),
      say("other-2", request),
    ]);
    // Whoever was first, the other came too late.
    const told = clicks.map(({ status, body }) => String(body.code ?? status));
    expect([
      ["200", "200", "request_closed"],
      ["request_closed", "request_closed", "200"],
    ]).toContainEqual(told);
    expect(await kindsOf(request.id)).toEqual(["request.asked", "decision.approved"]);
  });

  describe("where two must deny", () => {
    it("stays open after one no, and is denied by the second", async () => {
      const request = await ask("two-noes");
      const first = await say("other-1", request, no);
      expect([first.status, first.body.status]).toEqual([200, "pending"]);
      const second = await say("other-2", request, no);
      expect([second.status, second.body.status]).toEqual([200, "denied"]);
      expect((await say("other-3", request)).body.code).toBe("request_closed");
    });

    it("T22 takes no approval after the same person's no, nor any after the last", async () => {
      const request = await ask("two-noes");
      await say("other-1", request, no);
      const [after, again] = [await say("other-1", request), await say("other-1", request, no)];
      expect([after.status, after.body.code]).toEqual([409, "request_closed"]);
      expect([again.status, again.body.status]).toEqual([200, "pending"]);
      expect(await kindsOf(request.id)).toEqual(["request.asked", "decision.denied"]);
      await say("other-2", request, no);
      const late = await say("other-3", request);
      expect([late.status, late.body.code]).toEqual([409, "request_closed"]);
    });
  });

  it("is given in the rule's order, and says who comes first and what is next", async () => {
    const request = await ask("in-order");
    const early = await say("sre", request);
    expect([early.status, early.body.code]).toEqual([409, "out_of_turn"]);
    expect(early.body.hint).toContain("1 of payments-leads (lead)");
    expect(await kindsOf(request.id)).toEqual(["request.asked"]);
    const mine = async (who: Profile): Promise<string[]> => {
      await gateway.project(request.id);
      const list = await gateway.as(who)("GET", "/v1/requests?approver=me");
      return list.body.items.map(({ id }: { id: string }) => id);
    };
    expect(await mine("sre")).not.toContain(request.id);
    expect(await mine("lead")).toContain(request.id);
    const first = await say("lead", request);
    expect(first.body.rules[0].lacks).toMatchObject([
      { group: "sre", count: 1, step: 2 },
      { group: "crowd", count: 1, step: 2 },
    ]);
    expect(await mine("sre")).toContain(request.id);
    await say("other-1", request);
    const last = await say("sre", request);
    expect([last.status, last.body.status]).toEqual([200, "approved"]);
    const opened = await gateway.as("dev")("POST", `/v1/requests/${request.id}/sessions`);
    expect(opened.status, JSON.stringify(opened.body)).toBe(201);
    await gateway.sweep(2 * 3_600_000);
  });

  describe("for a later start", () => {
    const DAY = 86_400_000;
    const at = (ms: number) => new Date(Date.now() + ms).toISOString();

    it("opens nothing before it, says when, and lasts from then on", async () => {
      const startAt = at(3_600_000);
      const request = await ask("one-of-a-crowd", { startAt, durationMinutes: 20 });
      const approved = await say("other-1", request);
      expect(approved.body.card.start).toBe(`not before ${startAt}`);
      expect(approved.body.grant).toEqual({
        rule: "one-of-a-crowd",
        startsAt: startAt,
        expiresAt: new Date(Date.parse(startAt) + 20 * 60_000).toISOString(),
      });
      const early = await gateway.as("dev")("POST", `/v1/requests/${request.id}/sessions`);
      expect([early.status, early.body.code]).toEqual([409, "not_started"]);
      const wait = Number(early.headers["retry-after"]);
      expect(wait).toBeGreaterThan(3_500);
      expect(wait).toBeLessThanOrEqual(3_600);
      expect(await kindsOf(request.id)).toEqual(["request.asked", "decision.approved"]);
      await gateway.sweep(3_600_000 + 10 * 60_000);
      expect(await kindsOf(request.id)).toHaveLength(2);
      await gateway.sweep(3_600_000 + 21 * 60_000);
      expect(await kindsOf(request.id)).toHaveLength(3);
    });

    it.each([
      ["in the past", () => at(-60_000)],
      ["more than a week ahead", () => at(8 * DAY)],
      ["without a zone", () => "2026-11-24T22:00:00"],
      ["that no calendar has", () => "2027-02-30T22:00:00Z"],
    ])("refuses one %s", async (_, startAt) => {
      const refused = await gateway.as("dev")("POST", "/v1/requests", {
        target: { cluster: "demo", service: "payments-api", container: "app" },
        command: commandOf("one-of-a-crowd"),
        reason: "looking",
        startAt: startAt(),
      });
      expect([refused.status, refused.body.code]).toEqual([400, "body_invalid"]);
      expect(refused.body.issues[0].pointer).toBe("/startAt");
    });
  });

  it("is for no longer than the most cautious of those who approve", async () => {
    const request = await ask("two-of-a-crowd");
    const first = await say("other-1", request, { maxMinutes: 15 });
    expect(first.body.digest).toBe(request.digest);
    const before = Date.now();
    const last = await say("other-2", request, { maxMinutes: 20 });
    const ends = Date.parse(last.body.grant.expiresAt);
    expect(ends).toBeGreaterThanOrEqual(before + 15 * 60_000);
    expect(ends).toBeLessThanOrEqual(Date.now() + 15 * 60_000);
    const more = await say("other-3", await ask("two-of-a-crowd"), { maxMinutes: 31 });
    expect([more.status, more.body.code]).toEqual([400, "body_invalid"]);
  });

  describe("of more time", () => {
    const MINUTE = 60_000;
    const more = (id: string, minutes = 10) =>
      gateway.as("dev")("POST", `/v1/requests/${id}/extensions`, { minutes, reason: "not done" });
    const shown = async (id: string) => (await gateway.as("dev")("GET", `/v1/requests/${id}`)).body;

    const clients: RawChannel[] = [];
    afterEach(async () => {
      for (const client of clients.splice(0)) client.leave();
      await gateway.endAll();
    });
    /** With a client that has joined. */
    async function opened(): Promise<string> {
      const request = await ask("one-of-a-crowd");
      expect((await say("other-1", request)).body.status).toBe("approved");
      const session = await gateway.as("dev")("POST", `/v1/requests/${request.id}/sessions`);
      expect(session.status, JSON.stringify(session.body)).toBe(201);
      const { streamUrl, tokenValue: token } = session.body.session;
      clients.push(await rawChannel({ streamUrl, token }));
      return request.id;
    }

    it("is decided on a card of its own, and lets what runs go on until the new minute", async () => {
      const id = await opened();
      const asked = await more(id);
      expect(asked.status, JSON.stringify(asked.body)).toBe(201);
      const [waits] = asked.body.extensions;
      expect(waits).toMatchObject({ number: 1, status: "pending", minutes: 10 });
      await gateway.project(id);
      const list = await gateway.as("other-2")("GET", "/v1/requests?approver=me");
      expect(list.body.items.map((item: { id: string }) => item.id)).toContain(id);
      // The digest of what was approved is of another card.
      const again = await say("other-2", { id, digest: asked.body.digest });
      expect([again.status, again.body.code]).toEqual([409, "request_closed"]);
      const given = await say("other-2", { id, digest: waits.digest });
      expect([given.status, given.body.extensions[0].status]).toEqual([200, "granted"]);
      expect(given.body.grant.expiresAt).toBe(waits.until);
      const before = await kindsOf(id);
      await gateway.sweep(31 * MINUTE);
      expect(await kindsOf(id)).toEqual(before);
      expect((await shown(id)).liveSessions).toBe(1);
      await gateway.sweep(41 * MINUTE);
      expect((await kindsOf(id)).slice(before.length)).toEqual([
        "session.ended",
        "request.expired",
      ]);
      expect((await shown(id)).sessions[0].end.cause).toBe("expired");
      expect((await more(id)).body.code).toBe("request_closed");
    });

    it("that nobody has decided on ends nothing later", async () => {
      const id = await opened();
      expect((await more(id)).status).toBe(201);
      await gateway.sweep(31 * MINUTE);
      expect((await kindsOf(id)).slice(-2)).toEqual(["session.ended", "request.expired"]);
      const { status, extensions } = await shown(id);
      expect([status, extensions[0].status]).toEqual(["closed", "lapsed"]);
    });

    it("is for no longer in all than the rules allow", async () => {
      const id = await opened();
      const refused = await more(id, 31);
      expect([refused.status, refused.body.code]).toEqual([403, "refused_by_rule"]);
      await gateway.sweep(31 * MINUTE);
    });

    it("asked for twice under one key is one", async () => {
      const id = await opened();
      const key = { "idempotency-key": `extend-${id}` };
      const path = `/v1/requests/${id}/extensions`;
      const body = { minutes: 5, reason: "not done" };
      const first = await gateway.as("dev")("POST", path, body, key);
      const second = await gateway.as("dev")("POST", path, body, key);
      expect([first.status, second.status]).toEqual([201, 201]);
      expect(second.body.extensions).toHaveLength(1);
      await gateway.sweep(31 * MINUTE);
    });
  });

  it("leaves a record that verifies", async () => {
    expect(verifyChains(await wholeRecord(gateway.events)).problems).toEqual([]);
  });
});
