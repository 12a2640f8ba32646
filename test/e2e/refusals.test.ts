import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { RouteName } from "../../api/routes.ts";
import type { ErrorCode } from "../../core/errors.ts";
import { nextEvent, readEvent, tailAfter } from "../../core/event.ts";
import type { EventKind } from "../../core/event-kinds.ts";
import { foldRequest } from "../../core/fold-request.ts";
import { verifyChains } from "../../core/verify-chains.ts";
import { refusals } from "../../lambdas/refusals.ts";
import { rulesHere } from "../../local/rules-here.ts";
import { engineHere } from "../kit/engine.ts";
import { actorOf } from "../kit/gateway.ts";
import { type ObservedGateway, startObservedGateway } from "../kit/observed-gateway.ts";
import { type Profile } from "../kit/profiles.ts";
import { wholeRecord } from "../kit/record.ts";

interface RefusedCall {
  who: Profile;
  method: "GET" | "POST" | "DELETE";
  path: string;
  body?: unknown;
  headers?: { [name: string]: string };
  /** The request or session that the path names. */
  about?: string;
}
/** What a call is refused with, which event that is, and the call once what it needs has been done. */
type Row = [code: ErrorCode, kind: EventKind, route: RouteName, call: () => Promise<RefusedCall>];

const reason = "to see which kernel it is";
const target = { cluster: "demo", service: "reports" };
const waiting = { target, command: "/bin/uname -r", reason };
const automatic = {
  target: { cluster: "demo", service: "payments-api", container: "app" },
  command: "/bin/date",
  reason,
};
/** Of what is asked, what no refusal may keep. */
const unsaid = ["uname", "/bin/date", "kernel", "hunter2", "/prod/db", "permit ("];
/** Refusals that are counted each time, and are no events of their own: see rate-limits.test.ts. */
const alwaysCounted: readonly ErrorCode[] = ["identity_unmapped", "rate_limited"];
/** Of events, as many as a chain takes but for closing ones. */
const CHAIN_LIMIT = 1_000;
const digest = "0".repeat(64);

describe.skipIf(!engineHere)("a call that was read and refused", () => {
  let observed: ObservedGateway | undefined;
  const here = (): ObservedGateway => {
    if (observed === undefined) throw new Error("not started");
    return observed;
  };
  const fleet = () => here().gateway.emulator.fleet;
  beforeAll(async () => {
    observed = await startObservedGateway();
  });
  let undo: (() => void)[] = [];
  afterEach(async () => {
    for (const back of undo) back();
    undo = [];
    here().gateway.emulator.clearFaults();
    await here().gateway.endAll();
  });
  afterAll(async () => {
    await observed?.gateway.close();
  });

  const asks = async (body: unknown, who: Profile = "dev"): Promise<RefusedCall> => ({
    who,
    method: "POST",
    path: "/v1/requests",
    body,
  });
  const looks = async (body: unknown, who: Profile = "dev"): Promise<RefusedCall> => ({
    ...(await asks(body, who)),
    path: "/v1/preflight",
  });
  const asked = async (body: unknown = waiting): Promise<{ id: string; digest: string }> => {
    const answer = await here().post("/v1/requests", body);
    expect(answer.status, JSON.stringify(answer.body)).toBe(201);
    return answer.body;
  };
  const approved = async (body: unknown = waiting): Promise<string> => {
    const request = await asked(body);
    await here().decide("approve", request);
    return request.id;
  };
  /** Somebody in a container, and not leaving it. */
  const stays = async (service: string, container: string) => {
    const target = { cluster: "demo", service, container };
    const id = await approved({ target, command: "/bin/sleep 600", reason });
    const opened = await here().post(`/v1/requests/${id}/sessions`, {});
    expect(opened.status, JSON.stringify(opened.body)).toBe(201);
    return { id, sessionId: opened.body.session.sessionId as string };
  };
  const locks = (kind: string, id: string) =>
    here().post("/v1/locks", { subject: { kind, id }, reason: "a leak" }, "sre");
  const opens = (id: string, who: Profile = "dev"): RefusedCall => ({
    who,
    method: "POST",
    path: `/v1/requests/${id}/sessions`,
    body: {},
    about: id,
  });
  const decides = (who: Profile, id: string, decided: string): RefusedCall => ({
    who,
    method: "POST",
    path: `/v1/requests/${id}/decisions`,
    body: { decision: "deny", digest: decided, comment: reason },
    about: id,
  });

  /** A request that has been opened in vain until its chain holds no more. */
  async function full(): Promise<string> {
    const { id } = await asked(automatic);
    here().gateway.emulator.fault(
      { operation: "ExecuteCommand", times: 1 },
      { kind: "error", code: "ClientException", status: 400 },
    );
    await here().post(`/v1/requests/${id}/sessions`, {});
    const stored = await here().gateway.events.load(`REQ#${id}`);
    const { tail } = foldRequest(id, stored, []);
    const [, intent, failed] = stored.map(readEvent);
    if (intent?.kind !== "exec.intent" || failed?.kind !== "exec.failed") throw new Error("opened");
    const { actor, configuration, at: now } = intent;
    const random = (n: number) => crypto.getRandomValues(new Uint8Array(n));
    let last = tail;
    while (last.seq < CHAIN_LIMIT) {
      const batch = [];
      while (batch.length < 40 && last.seq < CHAIN_LIMIT) {
        const attempt = (last.seq + 1) / 2;
        const roleSessionName = `req-${id}.${attempt}`;
        for (const body of [
          { ...intent, data: { ...intent.data, attempt, roleSessionName } },
          { ...failed, data: { ...failed.data, attempt } },
        ]) {
          const event = nextEvent(last, body, { actor, configuration, now, random });
          last = tailAfter(last, event);
          batch.push(event);
        }
      }
      expect(await here().gateway.events.append(batch, [])).toEqual({ kind: "appended" });
    }
    return id;
  }

  const rows: Row[] = [
    [
      "idempotency_conflict",
      "call.refused",
      "createRequest",
      async () => {
        const headers = { "idempotency-key": "once" };
        await here().gateway.as("dev")("POST", "/v1/requests", waiting, headers);
        return { ...(await asks({ ...waiting, reason: `${reason}, again` })), headers };
      },
    ],
    [
      "not_permitted",
      "call.refused",
      "listEvents",
      async () => ({ who: "lead", method: "GET", path: "/v1/events?day=2026-01-01" }),
    ],
    ["not_permitted", "open.refused", "openSession", async () => opens(await approved(), "sre")],
    [
      "self_approval",
      "decision.refused",
      "decideRequest",
      async () => {
        const request = await asked();
        return decides("dev2", request.id, request.digest);
      },
    ],
    [
      "request_not_found",
      "call.refused",
      "getRequest",
      async () => {
        const { id } = await asked();
        return { who: "bot", method: "GET", path: `/v1/requests/${id}`, about: id };
      },
    ],
    [
      "session_not_found",
      "call.refused",
      "getSession",
      async () => ({ who: "sre", method: "GET", path: "/v1/sessions/ecs-1", about: "ecs-1" }),
    ],
    [
      "cluster_not_found",
      "call.refused",
      "createRequest",
      () => asks({ ...waiting, target: { ...target, cluster: "never" } }),
    ],
    [
      "service_not_found",
      "call.refused",
      "createRequest",
      () => asks({ ...waiting, target: { ...target, service: "never" } }),
    ],
    [
      "task_not_found",
      "call.refused",
      "preflightRequest",
      () => looks({ ...waiting, target: { cluster: "demo", task: "0".repeat(32) } }),
    ],
    [
      "task_not_running",
      "call.refused",
      "createRequest",
      () => {
        const task = here().taskOf("demo", "reports").id;
        fleet().replaceTask("reports");
        return asks({ ...waiting, target: { cluster: "demo", task } });
      },
    ],
    [
      "container_required",
      "call.refused",
      "createRequest",
      () => asks({ ...waiting, target: { cluster: "demo", service: "payments-api" } }),
    ],
    [
      "container_unknown",
      "call.refused",
      "preflightRequest",
      () => looks({ ...waiting, target: { ...target, container: "web" } }),
    ],
    [
      "secret_in_command",
      "call.refused",
      "preflightRequest",
      () => looks({ ...waiting, command: "psql postgres://app:hunter2hunter2@db/app" }),
    ],
    [
      "command_invalid",
      "call.refused",
      "preflightRequest",
      () => looks({ ...waiting, command: "/bin/echo {{ssm:/prod/db/password}}" }),
    ],
    [
      "activation_invalid",
      "decision.refused",
      "createActivation",
      async () => ({
        who: "operator",
        method: "POST",
        path: "/v1/activations",
        body: { ...rulesHere(), policies: "permit (principal", reason },
      }),
    ],
    [
      "refused_by_rule",
      "call.refused",
      "preflightRequest",
      () => looks({ ...waiting, durationMinutes: 600 }),
    ],
    [
      "preflight_failed",
      "open.refused",
      "openSession",
      async () => {
        const place = { cluster: "clinic", service: "zombies", container: "app" };
        const id = await approved({ ...waiting, target: place });
        fleet().setTaskDefinition("clinic/zombies", "readonly:1");
        fleet().replaceTask("clinic/zombies");
        return opens(id);
      },
    ],
    [
      "break_glass_limit",
      "decision.refused",
      "breakGlass",
      async () => {
        const body = {
          target: { ...target, service: "payments-api", container: "app" },
          command: "/bin/date",
          reason,
        };
        const glass: RefusedCall = { who: "sre", method: "POST", path: "/v1/break-glass", body };
        for (let n = 0; n < 3; n++)
          expect((await here().post(glass.path, body, "sre")).status).toBe(201);
        return glass;
      },
    ],
    [
      "review_not_owed",
      "decision.refused",
      "reviewRequest",
      async () => {
        const { id } = await asked();
        const body = { verdict: "justified", comment: reason };
        return { who: "lead", method: "POST", path: `/v1/requests/${id}/review`, body, about: id };
      },
    ],
    [
      "not_started",
      "open.refused",
      "openSession",
      async () => {
        const startAt = new Date(Date.now() + 3_600_000).toISOString();
        return opens(await approved({ ...waiting, startAt }));
      },
    ],
    [
      "not_replaceable",
      "open.refused",
      "openSession",
      async () => {
        const { id, sessionId } = await stays("reports", "app");
        return { ...opens(id), body: { replace: sessionId } };
      },
    ],
    [
      "end_unverified",
      "open.refused",
      "openSession",
      async () => {
        const shell = {
          target: { ...target, service: "payments-api", container: "app" },
          command: "/bin/sh",
          reason,
        };
        const request = await asked(shell);
        for (const who of ["lead", "sre"] as const) {
          const path = `/v1/requests/${request.id}/decisions`;
          await here().post(path, { decision: "approve", digest: request.digest }, who);
        }
        const opened = await here().post(`/v1/requests/${request.id}/sessions`, {});
        here().gateway.emulator.fault(
          { operation: "TerminateSession" },
          { kind: "status", status: 200 },
        );
        return { ...opens(request.id), body: { replace: opened.body.session.sessionId } };
      },
    ],
    ["not_approved", "open.refused", "openSession", async () => opens((await asked()).id, "dev2")],
    [
      "request_closed",
      "open.refused",
      "openSession",
      async () => {
        const { id } = await asked();
        await here().post(`/v1/requests/${id}/cancel`, {});
        return opens(id);
      },
    ],
    [
      "digest_stale",
      "decision.refused",
      "decideRequest",
      async () => decides("lead", (await asked()).id, digest),
    ],
    [
      "session_already_opened",
      "open.refused",
      "openSession",
      async () => {
        const { id } = await asked(automatic);
        const opened = await here().post(`/v1/requests/${id}/sessions`, {});
        expect(opened.status).toBe(201);
        return opens(id);
      },
    ],
    [
      "target_changed",
      "open.refused",
      "openSession",
      async () => {
        const task = here().taskOf("demo", "reports").id;
        const id = await approved({ ...waiting, target: { cluster: "demo", task } });
        fleet().replaceTask("reports");
        return opens(id);
      },
    ],
    [
      "locked",
      "call.refused",
      "preflightRequest",
      async () => {
        await locks("service", "default/hello");
        return await looks({ ...waiting, target: { cluster: "default", service: "hello" } });
      },
    ],
    [
      "lock_not_found",
      "decision.refused",
      "releaseLock",
      async () => ({ who: "sre", method: "DELETE", path: "/v1/locks/none", about: "none" }),
    ],
    [
      "too_many_locks",
      "decision.refused",
      "createLock",
      async () => {
        while ((await locks("task", `demo/${"0".repeat(32)}`)).status === 201);
        const body = { subject: { kind: "person", id: "dev" }, reason };
        return { who: "sre", method: "POST", path: "/v1/locks", body };
      },
    ],
    ["chain_full", "open.refused", "openSession", async () => opens(await full())],
    [
      "exec_not_enabled",
      "open.refused",
      "openSession",
      async () => {
        const id = await approved();
        const task = here().taskOf("demo", "reports");
        task.enableExecuteCommand = false;
        undo.push(() => {
          task.enableExecuteCommand = true;
        });
        return opens(id);
      },
    ],
    [
      "agent_not_running",
      "open.refused",
      "openSession",
      async () => {
        const id = await approved();
        fleet().setAgent("reports", "STOPPED");
        undo.push(() => fleet().setAgent("reports", "RUNNING"));
        return opens(id);
      },
    ],
    [
      "container_in_use",
      "open.refused",
      "openSession",
      async () => {
        await stays("reports", "app");
        return opens(await approved());
      },
    ],
    [
      "too_many_sessions",
      "open.refused",
      "openSession",
      async () => {
        for (const container of ["app", "app", "envoy", "envoy"]) {
          await stays("payments-api", container);
        }
        await stays("reports", "app");
        return opens(await approved());
      },
    ],
    [
      "outcome_unknown",
      "open.refused",
      "openSession",
      async () => {
        const { id } = await asked(automatic);
        here().gateway.emulator.fault({ operation: "ExecuteCommand", times: 1 }, { kind: "reset" });
        const opened = await here().post(`/v1/requests/${id}/sessions`, {});
        expect(opened.status).toBe(502);
        return opens(id);
      },
    ],
  ];

  it("has a call here for every code that is a refusal, and for none that is not", () => {
    // A command is invalid as well where nothing could be read; then it is no refusal.
    const codes = new Set<ErrorCode>(
      rows.map(([code]) => code).filter((code) => code !== "command_invalid"),
    );
    for (const code of alwaysCounted) codes.add(code);
    // An order takes rules of its own: test/e2e/approval.test.ts. So do tokens: test/e2e/tokens.test.ts.
    const elsewhere = ["out_of_turn", "groups_unknown", "sign_in_again"];
    const all = Object.keys(refusals).filter((code) => !elsewhere.includes(code));
    expect([...codes].toSorted()).toEqual(all.toSorted());
  });

  it.each(rows)(
    "with %s is one %s of %s: who, about what and why, and nothing of what was to be run",
    async (code, kind, route, arrange) => {
      const { who, method, path, body, headers, about } = await arrange();
      const from = here().written.length;
      const { result, grown, executed } = await here().during(() =>
        here().gateway.as(who)(method, path, body, headers),
      );
      // A replacement that came to nothing was asked for all the same.
      const refused = grown.filter((name) => name !== "REQ:replace.asked");
      expect([result.body.code, refused], JSON.stringify(result.body)).toEqual([
        code,
        [`REFUSED:${kind}`],
      ]);
      expect(executed).toBe(0);
      const stored = here()
        .written.slice(from)
        .find(({ chain }) => chain.startsWith("REFUSED#"));
      if (stored === undefined) throw new Error("nothing is on record");
      const event = readEvent(stored);
      expect(event.chain).toBe(`REFUSED#${result.body.instance}`);
      expect(event.actor).toEqual(actorOf(who));
      expect(event.data).toEqual({ route, about: about ?? null, code });
      const place = (body as { target?: object } | undefined)?.target;
      const { cluster, task } = (body ?? {}) as { cluster?: string; task?: string };
      expect(event.values).toEqual({
        detail: result.body.detail,
        ...(place === undefined ? {} : { target: place }),
        ...(cluster === undefined ? {} : { target: { cluster, task } }),
      });
      for (const word of unsaid) expect(JSON.stringify(stored)).not.toContain(word);
    },
  );

  it.each([
    ["refused_by_rule", "bot", target],
    ["preflight_failed", "dev", { cluster: "demo", service: "legacy" }],
  ] as const)("with %s as a request is that request's one event", async (code, who, place) => {
    const body = { ...waiting, target: place };
    const headers = { "idempotency-key": code };
    const call = () => here().gateway.as(who)("POST", "/v1/requests", body, headers);
    const { result, grown, events } = await here().during(call);
    expect([result.body.code, grown]).toEqual([code, ["REQ:request.refused"]]);
    expect(events[0]).toMatchObject({
      chain: `REQ#${result.body.requestId}`,
      actor: actorOf(who),
      data: { code, requester: { person: who } },
    });
    const again = await here().during(call);
    expect([again.result.body.code, again.grown]).toEqual([code, []]);
  });

  it("leaves a record that verifies", async () => {
    expect(verifyChains(await wholeRecord(here().gateway.events)).problems).toEqual([]);
  });
});
