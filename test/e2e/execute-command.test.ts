import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { rulesHere } from "../../local/rules-here.ts";
import { engineHere } from "../kit/engine.ts";
import { type ObservedGateway, startObservedGateway } from "../kit/observed-gateway.ts";
import type { Profile } from "../kit/profiles.ts";
import { arn } from "./seed/arn.ts";

/** Asking and opening in one call, repeated until it is answered; and what is told of places that are not there. */
describe.skipIf(!engineHere)("asking by name and by repetition", () => {
  let observed: ObservedGateway | undefined;
  const here = (): ObservedGateway => {
    if (observed === undefined) throw new Error("not started");
    return observed;
  };
  beforeAll(async () => {
    observed = await startObservedGateway();
  });
  afterAll(async () => {
    await observed?.gateway.close();
  });

  describe("services and families, which are ours", () => {
    const wish = { command: "/bin/uname -r", reason: "which kernel" };
    const ask = (target: object, status: number, code: string, who: Profile = "dev") =>
      here().refused(
        { target, ...wish },
        { status: status, code: code },
        { path: "/v1/requests", who },
      );

    it("that are unknown are answered with the nearest where the caller may ask", async () => {
      const service = await ask(
        { cluster: "demo", service: "payments-ap" },
        404,
        "service_not_found",
      );
      expect(service.nearest[0]).toBe("payments-api");
      expect(service.nearest.toSorted()).toEqual(["broken", "legacy", "payments-api", "reports"]);
      expect(service.hint).toContain("payments-api");
      const family = await ask({ cluster: "demo", family: "nigthly" }, 404, "service_not_found");
      expect(family.nearest).toEqual(["nightly"]);
    });

    it("that the caller may not ask for are as unknown, and never named", async () => {
      here().gateway.emulator.fleet.setServiceTags("legacy", { team: "others" });
      try {
        const { instance: _, ...closed } = await ask(
          { cluster: "demo", service: "legacy" },
          404,
          "service_not_found",
        );
        expect(JSON.stringify(closed)).not.toContain("legacy");
        const { instance: __, ...never } = await ask(
          { cluster: "demo", service: "legacx" },
          404,
          "service_not_found",
        );
        expect(never).toEqual(closed);
        // Its tasks as well: those of no service asked for, and those named beside one that is open to the caller.
        const task = here().taskOf("demo", "legacy").id;
        const missing = "0".repeat(32);
        for (const beside of [
          {},
          { service: "reports" },
          { family: "one" },
          { family: "nightly" },
        ]) {
          const [of, none] = await Promise.all(
            [task, missing].map((one) =>
              here().post("/v1/requests", {
                target: { cluster: "demo", task: one, ...beside },
                ...wish,
              }),
            ),
          );
          const { instance: ___, ...a } = of?.body ?? {};
          const { instance: ____, ...b } = none?.body ?? {};
          expect([of?.status, a], JSON.stringify(beside)).toEqual([none?.status, b]);
          expect(of?.status).toBe(400);
        }
      } finally {
        here().gateway.emulator.fleet.setServiceTags("legacy", { team: "payments" });
      }
    });

    it("contradicted by a task are refused, with tasks that run there", async () => {
      const task = here().taskOf("demo", "reports").id;
      const service = await ask(
        { cluster: "demo", service: "payments-api", task },
        400,
        "task_not_found",
      );
      expect(service.tasks.toSorted()).toEqual(
        here()
          .tasksOf("demo", "payments-api")
          .map((one) => one.arn)
          .toSorted(),
      );
      const family = await ask({ cluster: "demo", family: "nightly", task }, 400, "task_not_found");
      expect(family.tasks).toHaveLength(1);
      await ask(
        { cluster: "demo", service: "reports", family: "one", task },
        400,
        "target_invalid",
      );
      await ask({ cluster: "demo", service: "reprots", task }, 404, "service_not_found");
    });
  });

  it("leaves on record where a refused call wanted to go, and not what it wanted there", async () => {
    const place = { cluster: "demo", task: "0".repeat(32), container: "app" };
    const from = here().written.length;
    const { body } = await here().execute({ ...here().atOnce(), ...place });
    expect(body.code).toBe("task_not_found");
    const [refused, ...more] = here().written.slice(from);
    expect(more).toEqual([]);
    expect(JSON.parse(refused?.open["target"]?.value ?? "null")).toEqual(place);
    expect(JSON.stringify(refused)).not.toContain("/bin/date");
  });

  describe("the same call repeated", () => {
    it("waits as one request, opens once it is approved, and then tells of the session", async () => {
      const body = here().waits();
      const first = await here().during(() => here().execute(body));
      expect([first.result.status, first.result.body.status]).toEqual([202, "pending"]);
      const second = await here().during(() => here().execute(body, "dev2"));
      expect([second.result.status, second.result.body.id]).toEqual([202, first.result.body.id]);
      expect([second.asked, second.executed]).toEqual([[], 0]);
      await here().decide("approve", first.result.body);
      const opened = await here().execute(body);
      expect([opened.status, opened.body.taskArn]).toEqual([200, arn(`task/demo/${body.task}`)]);
      const after = await here().execute(body);
      expect([after.status, after.body.code, after.body.sessionId]).toEqual([
        409,
        "session_already_opened",
        opened.body.session.sessionId,
      ]);
    });

    it("is another wish with another reason, command or duration, and from another person", async () => {
      const body = here().waits();
      const ids = new Set<string>();
      for (const change of [
        {},
        { reason: `${body.reason}!` },
        { command: "/bin/uname -s" },
        { ticket: "OPS-1" },
        { durationMinutes: 5 },
        { container: "app" },
      ]) {
        const answer = await here().execute({ ...body, ...change });
        expect(answer.status, JSON.stringify(answer.body)).toBe(202);
        ids.add(answer.body.id);
      }
      expect(ids.size).toBe(6);
    });

    it("is told of a no, and asks nobody again by that", async () => {
      const denied = here().waits();
      const asked = await here().execute(denied);
      await here().decide("deny", asked.body);
      const cancelled = here().waits();
      const withdrawn = await here().execute(cancelled);
      await here().post(`/v1/requests/${withdrawn.body.id}/cancel`, {});
      const revoked = here().waits();
      const approved = await here().execute(revoked);
      await here().decide("approve", approved.body);
      await here().post(
        `/v1/requests/${approved.body.id}/revoke`,
        { comment: "not on Fridays" },
        "lead",
      );
      for (const [body, id, said] of [
        [denied, asked.body.id, "denied by lead"],
        [cancelled, withdrawn.body.id, "cancelled"],
        [revoked, approved.body.id, "revoked: not on Fridays"],
      ]) {
        for (let n = 1; n <= 3; n++) {
          const { result, asked: more, executed } = await here().during(() => here().execute(body));
          expect([result.status, result.body.code]).toEqual([409, "request_closed"]);
          expect(result.body.detail).toBe(`request ${id} was ${said}`);
          expect([more, executed]).toEqual([[], 0]);
        }
        const other = await here().execute({ ...body, reason: `${body.reason}, really` });
        expect(other.status, JSON.stringify(other.body)).toBe(202);
      }
    });

    it("is told of a revoke as long as what was revoked would have lasted", async () => {
      const body = here().waits();
      const { body: asked } = await here().execute(body);
      const now = Date.now;
      const at = async <T>(time: number, act: () => Promise<T>): Promise<T> => {
        const ahead = time - now();
        vi.spyOn(Date, "now").mockImplementation(() => now() + ahead);
        try {
          return await act();
        } finally {
          vi.restoreAllMocks();
        }
      };
      const lapses = Date.parse(asked.lapsesAt);
      const path = `/v1/requests/${asked.id}`;
      await at(lapses - 60_000, () => here().decide("approve", asked));
      await at(lapses - 50_000, () => here().post(`${path}/revoke`, { comment: "no" }, "lead"));
      const later = await at(lapses + 60_000, () => here().execute(body));
      expect([later.status, later.body.code]).toEqual([409, "request_closed"]);
      const anew = await at(lapses + 3_600_000, () => here().execute(body));
      expect([anew.status, anew.body.status]).toEqual([202, "pending"]);
      expect(anew.body.id).not.toBe(asked.id);
    });

    it("is asked anew once it was refused, however often that was", async () => {
      const body = {
        ...here().waits(),
        task: here().taskOf("demo", "broken").id,
        container: "app",
      };
      const seen = [];
      for (let n = 1; n <= 6; n++) {
        const { result, asked, counted } = await here().during(() => here().execute(body));
        expect(result.status).toBe(409);
        seen.push([asked, counted]);
      }
      // The first of a minute is on record by itself, and the others by their number; a minute may end in between.
      expect(seen[0]).toEqual([["REQ:request.refused"], 0]);
      for (const [asked, counted] of seen) {
        expect([["REQ:request.refused"], []]).toContainEqual(asked);
        expect(counted).toBe((asked as string[]).length === 0 ? 1 : 0);
      }
    });

    it("T06 at the same time is one request and one session", async () => {
      const body = here().atOnce();
      const { result, asked, events, counted, executed } = await here().during(() =>
        Promise.all(Array.from({ length: 6 }, () => here().execute(body))),
      );
      const statuses = result.map(({ status }) => status).toSorted((a, b) => a - b);
      expect(statuses).toEqual([200, 409, 409, 409, 409, 409]);
      expect(executed).toBe(1);
      expect(asked).toEqual(["REQ:exec.intent", "REQ:request.asked", "REQ:session.opened"]);
      const refused = events.filter(({ kind }) => kind === "open.refused");
      expect(refused.length + counted).toBe(5);
      expect(refused.length).toBeGreaterThan(0);
    });

    it("waits again when the rules have changed under what was approved", async () => {
      const body = here().waits();
      const waiting = await here().execute(body);
      await here().decide("approve", waiting.body);
      const set = await changedRules((text) =>
        text.replaceAll('@approvals("{team}-leads:1")', '@approvals("{team}-leads:1, sre:1")'),
      );
      try {
        const again = await here().during(() => here().execute(body));
        expect([again.result.status, again.result.body.id]).toEqual([202, waiting.body.id]);
        expect(again.executed).toBe(0);
      } finally {
        await set.back();
      }
    });
  });

  /** Activates changed rules, and those before them again. */
  let sets = 0;
  async function changedRules(change: (policies: string) => string) {
    const activate = async (policies: string) => {
      const proposed = await here().post(
        "/v1/activations",
        { ...rulesHere(), policies, reason: `rules ${++sets}` },
        "operator",
      );
      const { id, digest } = proposed.body.request;
      const decision = { decision: "approve", digest };
      const done = await here().post(`/v1/requests/${id}/decisions`, decision, "sre");
      expect(done.body.status, JSON.stringify(done.body)).toBe("closed");
    };
    const { policies } = rulesHere();
    expect(change(policies)).not.toBe(policies);
    await activate(change(policies));
    return { back: () => activate(policies) };
  }
});
