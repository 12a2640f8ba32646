import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Card, cardDigest } from "../../core/card.ts";
import { verifyChains } from "../../core/verify-chains.ts";
import { engineHere } from "../kit/engine.ts";
import { startTestGateway, type TestGateway } from "../kit/gateway.ts";

/** The one road, over a real engine and the emulator: ask, approve, open, and what stands on record. */
describe.skipIf(!engineHere)("the road from ask to shell", () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startTestGateway();
  });
  // Two hours on every grant is over: what was opened is ended, and its container free.
  afterEach(() => gateway.sweep(2 * 3_600_000));
  afterAll(async () => {
    await gateway.close();
  });

  const shell = (more: object = {}) => ({
    target: { cluster: "demo", service: "payments-api", container: "app" },
    command: "/bin/sh",
    reason: "looking into a stuck queue",
    ...more,
  });
  const executed = () =>
    gateway.emulator.calls.filter((call) => call.operation === "ExecuteCommand").length;

  async function approved() {
    const asked = await gateway.as("dev")("POST", "/v1/requests", shell());
    expect(asked.status, JSON.stringify(asked.body)).toBe(201);
    for (const who of ["lead", "sre"] as const) {
      const said = await gateway.as(who)("POST", `/v1/requests/${asked.body.id}/decisions`, {
        decision: "approve",
        digest: asked.body.digest,
      });
      expect(said.status, JSON.stringify(said.body)).toBe(200);
    }
    return asked.body.id as string;
  }

  it("opens a session for the requester once two groups have agreed, and verifies to the last event", async () => {
    const before = executed();
    const id = await approved();
    const seen = await gateway.as("dev")("GET", `/v1/requests/${id}`);
    expect(seen.body.status).toBe("approved");
    expect(seen.body.digest).toBe(cardDigest(seen.body.card as Card));
    const opened = await gateway.as("dev")("POST", `/v1/requests/${id}/sessions`);
    expect(opened.status, JSON.stringify(opened.body)).toBe(201);
    expect(Object.keys(opened.body).toSorted()).toEqual([
      "clusterArn",
      "containerArn",
      "containerName",
      "interactive",
      "sallyport",
      "session",
      "taskArn",
    ]);
    expect(opened.headers["cache-control"]).toBe("no-store");
    expect(executed()).toBe(before + 1);
    const stored = await gateway.events.load(`REQ#${id}`);
    expect(stored.map((event) => JSON.parse(event.leaf).kind)).toEqual([
      "request.asked",
      "decision.approved",
      "decision.approved",
      "exec.intent",
      "session.opened",
    ]);
    expect(verifyChains(stored).problems).toEqual([]);
    const kept = JSON.stringify(stored) + gateway.logged.join("\n");
    expect(kept).toContain(opened.body.session.sessionId);
    expect(kept).not.toContain(opened.body.session.tokenValue);
  });

  it("hands credentials over once: a second open is refused and sends nothing", async () => {
    const id = await approved();
    const first = await gateway.as("dev")("POST", `/v1/requests/${id}/sessions`);
    const before = executed();
    const second = await gateway.as("dev")("POST", `/v1/requests/${id}/sessions`);
    expect(second.status).toBe(409);
    expect(second.body.code).toBe("session_already_opened");
    expect(second.body.sessionId).toBe(first.body.session.sessionId);
    expect(JSON.stringify(second.body)).not.toContain(first.body.session.tokenValue);
    expect(executed()).toBe(before);
  });

  it("opens nothing before both have agreed, and nothing for anybody but the requester", async () => {
    const asked = await gateway.as("dev")("POST", "/v1/requests", shell());
    const before = executed();
    const early = await gateway.as("dev")("POST", `/v1/requests/${asked.body.id}/sessions`);
    expect([early.status, early.body.code]).toEqual([409, "not_approved"]);
    const id = await approved();
    const other = await gateway.as("lead")("POST", `/v1/requests/${id}/sessions`);
    expect([other.status, other.body.code]).toEqual([403, "not_permitted"]);
    expect(executed()).toBe(before);
  });

  it("refuses approval of one's own request under a second identity", async () => {
    const asked = await gateway.as("dev")("POST", "/v1/requests", shell());
    const said = await gateway.as("dev2")("POST", `/v1/requests/${asked.body.id}/decisions`, {
      decision: "approve",
      digest: asked.body.digest,
    });
    expect([said.status, said.body.code]).toEqual([403, "self_approval"]);
    expect(await gateway.events.load(`REQ#${asked.body.id}`)).toHaveLength(1);
  });

  it("does not let a stranger tell a request from none", async () => {
    const asked = await gateway.as("dev")("POST", "/v1/requests", shell());
    const real = await gateway.as("stranger")("GET", `/v1/requests/${asked.body.id}`);
    const none = await gateway.as("stranger")("GET", "/v1/requests/00000000000000000000000000");
    expect(real.status).toBe(404);
    expect({ ...real.body, instance: "" }).toEqual({ ...none.body, instance: "" });
  });

  it("refuses an approval of another card than the one shown", async () => {
    const asked = await gateway.as("dev")("POST", "/v1/requests", shell());
    const said = await gateway.as("lead")("POST", `/v1/requests/${asked.body.id}/decisions`, {
      decision: "approve",
      digest: "0".repeat(64),
    });
    expect([said.status, said.body.code]).toEqual([409, "digest_stale"]);
    expect(await gateway.events.load(`REQ#${asked.body.id}`)).toHaveLength(1);
  });

  it("denies with one person's word, and then opens nothing", async () => {
    const asked = await gateway.as("dev")("POST", "/v1/requests", shell());
    const said = await gateway.as("lead")("POST", `/v1/requests/${asked.body.id}/decisions`, {
      decision: "deny",
      digest: asked.body.digest,
      comment: "not now",
    });
    expect(said.body.status).toBe("denied");
    const opened = await gateway.as("dev")("POST", `/v1/requests/${asked.body.id}/sessions`);
    expect([opened.status, opened.body.code]).toEqual([409, "request_closed"]);
    expect([opened.body.status, opened.body.requestStatus]).toEqual([409, "denied"]);
  });

  it("opens an automatic request at once, without a grant from anybody", async () => {
    const asked = await gateway.as("dev")(
      "POST",
      "/v1/requests",
      shell({ command: "/bin/cat /proc/loadavg" }),
    );
    expect(asked.body.status, JSON.stringify(asked.body)).toBe("approved");
    expect(asked.body.decisions).toEqual([]);
    const opened = await gateway.as("dev")("POST", `/v1/requests/${asked.body.id}/sessions`);
    expect(opened.status, JSON.stringify(opened.body)).toBe(201);
  });

  it("refuses on record what no rule permits and what ECS Exec could not do, before anybody is asked", async () => {
    const cases = [
      { target: { cluster: "demo", service: "legacy" }, code: "preflight_failed", status: 409 },
      { target: { cluster: "demo", service: "broken" }, code: "preflight_failed", status: 409 },
    ];
    for (const { target, code, status } of cases) {
      const asked = await gateway.as("dev")("POST", "/v1/requests", shell({ target }));
      expect([asked.status, asked.body.code], JSON.stringify(asked.body)).toEqual([status, code]);
      const stored = await gateway.events.load(`REQ#${asked.body.requestId}`);
      expect(stored.map((event) => JSON.parse(event.leaf).kind)).toEqual(["request.refused"]);
    }
  });

  it("stops further opens when revoked, and says which session is being ended", async () => {
    const id = await approved();
    const opened = await gateway.as("dev")("POST", `/v1/requests/${id}/sessions`);
    const revoked = await gateway.as("sre")("POST", `/v1/requests/${id}/revoke`, {
      comment: "wrong box",
    });
    expect(revoked.body.status).toBe("revoked");
    expect(revoked.body.note).toContain(opened.body.session.sessionId);
    expect(revoked.body.note).toContain("is being ended");
  });

  it("lets only the requester cancel, and only those the rules allow revoke", async () => {
    const asked = await gateway.as("dev")("POST", "/v1/requests", shell());
    const { id } = asked.body;
    const foreign = await gateway.as("lead")("POST", `/v1/requests/${id}/cancel`, {});
    expect([foreign.status, foreign.body.code]).toEqual([403, "not_permitted"]);
    const own = await gateway.as("dev")("POST", `/v1/requests/${id}/revoke`, {});
    expect([own.status, own.body.code]).toEqual([403, "not_permitted"]);
    expect(await gateway.events.load(`REQ#${id}`)).toHaveLength(1);
    const cancelled = await gateway.as("dev2")("POST", `/v1/requests/${id}/cancel`, {});
    expect([cancelled.status, cancelled.body.status]).toEqual([200, "cancelled"]);
  });

  it("T07 repeats a call under its idempotency key, and refuses the key with another body", async () => {
    const key = { "idempotency-key": "k-1" };
    const first = await gateway.as("dev")("POST", "/v1/requests", shell(), key);
    const again = await gateway.as("dev")("POST", "/v1/requests", shell(), key);
    expect(again.body.id).toBe(first.body.id);
    expect(await gateway.events.load(`REQ#${first.body.id}`)).toHaveLength(1);
    const other = await gateway.as("dev")(
      "POST",
      "/v1/requests",
      shell({ reason: "another" }),
      key,
    );
    expect([other.status, other.body.code]).toEqual([422, "idempotency_conflict"]);
  });

  it("lists what the caller may see, once the views have caught up", async () => {
    const asked = await gateway.as("dev")("POST", "/v1/requests", shell());
    await gateway.project(asked.body.id);
    const mine = await gateway.as("dev")(
      "GET",
      `/v1/requests?requester=me&atLeast=${asked.body.id}:1`,
    );
    expect(mine.body.stale).toBeUndefined();
    expect(mine.body.items.map((item: { id: string }) => item.id)).toContain(asked.body.id);
    const forLead = await gateway.as("lead")("GET", "/v1/requests?approver=me");
    expect(forLead.body.items.map((item: { id: string }) => item.id)).toContain(asked.body.id);
    const foreign = await gateway.as("stranger")("GET", "/v1/requests?requester=dev");
    expect(foreign.body.items).toEqual([]);
  });

  it("gives every stored event to an auditor, and to nobody else", async () => {
    const day = new Date().toISOString().slice(0, 10);
    const refused = await gateway.as("dev")("GET", `/v1/events?day=${day}`);
    expect([refused.status, refused.body.code]).toEqual([403, "not_permitted"]);
    const items = [];
    let cursor = "";
    do {
      const page = await gateway.as("auditor")("GET", `/v1/events?day=${day}${cursor}`);
      expect(page.status, JSON.stringify(page.body)).toBe(200);
      items.push(...page.body.items);
      cursor = page.body.cursor === undefined ? "" : `&cursor=${page.body.cursor}`;
    } while (cursor !== "");
    const verified = verifyChains(items);
    expect(verified.problems).toEqual([]);
    expect(verified.events).toBeGreaterThan(30);
  });
});
