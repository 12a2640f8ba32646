import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RouteName, routes } from "../../api/routes.ts";
import { utcDay } from "../../core/clock.ts";
import { sha256Hex } from "../../core/digest.ts";
import type { ErrorCode } from "../../core/errors.ts";
import type { StoredEvent } from "../../core/event.ts";
import type { ReadSubject } from "../../core/kinds/read.ts";
import { verifyChains } from "../../core/verify-chains.ts";
import { rulesHere } from "../../local/rules-here.ts";
import { delivery, trailTime } from "../kit/cloud-trail.ts";
import { engineHere } from "../kit/engine.ts";
import { actorOf, startTestGateway, type TestGateway } from "../kit/gateway.ts";
import { type Profile } from "../kit/profiles.ts";
import { grownBy, named, wholeRecord } from "../kit/record.ts";

/** In a cell: the status, and what the record grows by, as `<chain>:<kind>`, with the code of a refusal. */
type Cell = [status: number, ...grown: string[]];
interface Subject {
  id: string;
  digest: string;
  sessionId: string;
  /** A task of the service that is asked for. */
  task: string;
}
interface Row {
  /** What of the owner's has to be there before the call. */
  given: "nothing" | "pending" | "approved" | "opened" | "used";
  call(subject: Subject): { method: "GET" | "POST" | "DELETE"; path: string; body?: unknown };
  /** What an auditor is said to have read. */
  reads?(subject: Subject): ReadSubject;
  owner: Cell;
  approver: Cell;
  auditor: Cell;
  stranger: Cell;
  program: Cell;
  /** The owner again, under a second identity. */
  second: Cell;
}
type Who = Exclude<keyof Row, "given" | "call" | "reads">;

const profiles: { [who in Who]: Profile } = {
  owner: "dev",
  approver: "lead",
  auditor: "auditor",
  stranger: "stranger",
  program: "bot",
  second: "dev2",
};

const wish = {
  target: { cluster: "demo", service: "reports" },
  command: "/bin/uname -r",
  reason: "which kernel",
};
const READ = "READ:record.read";
const call = (code: ErrorCode): string => `REFUSED:call.refused ${code}`;
const decision = (code: ErrorCode): string => `REFUSED:decision.refused ${code}`;
const open = (code: ErrorCode): string => `REFUSED:open.refused ${code}`;
const everybody = {
  owner: [200],
  approver: [200],
  auditor: [200],
  stranger: [200],
  program: [200],
  second: [200],
} satisfies { [who in Who]: Cell };

const matrix: { [name in RouteName]: Row } = {
  executeCommand: {
    given: "nothing",
    call: ({ task }) => ({
      method: "POST",
      path: "/v1/execute-command",
      body: {
        cluster: "demo",
        task,
        command: wish.command,
        interactive: true,
        reason: wish.reason,
      },
    }),
    owner: [202, "REQ:request.asked"],
    approver: [404, open("cluster_not_found")],
    auditor: [404, open("cluster_not_found")],
    stranger: [404, open("cluster_not_found")],
    program: [403, "REQ:request.refused refused_by_rule"],
    // The same person asking for the same goes on with what stands open.
    second: [202],
  },
  createRequest: {
    given: "nothing",
    call: () => ({ method: "POST", path: "/v1/requests", body: wish }),
    owner: [201, "REQ:request.asked"],
    approver: [404, call("cluster_not_found")],
    auditor: [404, call("cluster_not_found")],
    stranger: [404, call("cluster_not_found")],
    program: [403, "REQ:request.refused refused_by_rule"],
    second: [201, "REQ:request.asked"],
  },
  listRequests: {
    given: "pending",
    call: () => ({ method: "GET", path: "/v1/requests" }),
    reads: () => ({ kind: "list", id: "requests" }),
    ...everybody,
    auditor: [200, READ],
  },
  getRequest: {
    given: "pending",
    call: ({ id }) => ({ method: "GET", path: `/v1/requests/${id}` }),
    reads: ({ id }) => ({ kind: "request", id }),
    owner: [200],
    approver: [200],
    auditor: [200, READ],
    stranger: [404, call("request_not_found")],
    program: [404, call("request_not_found")],
    second: [200],
  },
  getRequestEvents: {
    given: "pending",
    call: ({ id }) => ({ method: "GET", path: `/v1/requests/${id}/events` }),
    reads: ({ id }) => ({ kind: "request", id }),
    owner: [200],
    approver: [200],
    auditor: [200, READ],
    stranger: [404, call("request_not_found")],
    program: [404, call("request_not_found")],
    second: [200],
  },
  cancelRequest: {
    given: "pending",
    call: ({ id }) => ({ method: "POST", path: `/v1/requests/${id}/cancel`, body: {} }),
    owner: [200, "REQ:request.cancelled"],
    approver: [403, call("not_permitted")],
    auditor: [403, call("not_permitted")],
    stranger: [404, call("request_not_found")],
    program: [404, call("request_not_found")],
    second: [200, "REQ:request.cancelled"],
  },
  decideRequest: {
    given: "pending",
    call: ({ id, digest }) => ({
      method: "POST",
      path: `/v1/requests/${id}/decisions`,
      body: { decision: "approve", digest },
    }),
    owner: [403, decision("self_approval")],
    approver: [200, "REQ:decision.approved"],
    auditor: [403, decision("not_permitted")],
    stranger: [404, decision("request_not_found")],
    program: [404, decision("request_not_found")],
    second: [403, decision("self_approval")],
  },
  extendRequest: {
    given: "approved",
    call: ({ id }) => ({
      method: "POST",
      path: `/v1/requests/${id}/extensions`,
      body: { minutes: 5, reason: "mine" },
    }),
    owner: [201, "REQ:extension.asked"],
    approver: [403, decision("not_permitted")],
    auditor: [403, decision("not_permitted")],
    stranger: [404, decision("request_not_found")],
    program: [404, decision("request_not_found")],
    second: [201, "REQ:extension.asked"],
  },
  revokeRequest: {
    given: "approved",
    call: ({ id }) => ({ method: "POST", path: `/v1/requests/${id}/revoke`, body: {} }),
    owner: [403, decision("not_permitted")],
    approver: [200, "REQ:request.revoked"],
    auditor: [403, decision("not_permitted")],
    stranger: [404, decision("request_not_found")],
    program: [404, decision("request_not_found")],
    second: [403, decision("not_permitted")],
  },
  listLocks: {
    given: "nothing",
    call: () => ({ method: "GET", path: "/v1/locks" }),
    ...everybody,
  },
  createLock: {
    given: "nothing",
    call: () => ({
      method: "POST",
      path: "/v1/locks",
      body: { subject: { kind: "task", id: `demo/${"0".repeat(32)}` }, reason: "none there" },
    }),
    owner: [403, decision("not_permitted")],
    approver: [201, "LOCK:lock.set"],
    auditor: [403, decision("not_permitted")],
    stranger: [403, decision("not_permitted")],
    program: [403, decision("not_permitted")],
    second: [403, decision("not_permitted")],
  },
  // Of one that is not there; who may unlock one that is has a test of its own.
  releaseLock: {
    given: "pending",
    call: ({ id }) => ({ method: "DELETE", path: `/v1/locks/${id}` }),
    owner: [404, decision("lock_not_found")],
    approver: [404, decision("lock_not_found")],
    auditor: [404, decision("lock_not_found")],
    stranger: [404, decision("lock_not_found")],
    program: [404, decision("lock_not_found")],
    second: [404, decision("lock_not_found")],
  },
  createActivation: {
    given: "nothing",
    call: () => ({
      method: "POST",
      path: "/v1/activations",
      body: { ...rulesHere(), reason: "mine" },
    }),
    owner: [403, decision("refused_by_rule")],
    approver: [403, decision("refused_by_rule")],
    auditor: [403, decision("refused_by_rule")],
    stranger: [403, decision("refused_by_rule")],
    program: [403, decision("refused_by_rule")],
    second: [403, decision("refused_by_rule")],
  },
  breakGlass: {
    given: "nothing",
    call: () => ({
      method: "POST",
      path: "/v1/break-glass",
      body: { ...wish, reason: "which kernel is it, at once" },
    }),
    // No rule for emergencies is there for anybody; that the service is, only who may ask there learns.
    owner: [403, decision("refused_by_rule")],
    approver: [404, decision("cluster_not_found")],
    auditor: [404, decision("cluster_not_found")],
    stranger: [404, decision("cluster_not_found")],
    program: [403, decision("not_permitted")],
    second: [403, decision("refused_by_rule")],
  },
  reviewRequest: {
    given: "approved",
    call: ({ id }) => ({
      method: "POST",
      path: `/v1/requests/${id}/review`,
      body: { verdict: "justified", comment: "so it was" },
    }),
    owner: [403, decision("self_approval")],
    approver: [409, decision("review_not_owed")],
    auditor: [403, decision("not_permitted")],
    stranger: [404, decision("request_not_found")],
    program: [404, decision("request_not_found")],
    second: [403, decision("self_approval")],
  },
  // Of one that dev was told to have made.
  listLastResort: {
    given: "used",
    call: () => ({ method: "GET", path: "/v1/last-resort" }),
    reads: () => ({ kind: "list", id: "last-resort" }),
    ...everybody,
    auditor: [200, READ],
  },
  getLastResort: {
    given: "used",
    call: ({ id }) => ({ method: "GET", path: `/v1/last-resort/${id}` }),
    reads: ({ id }) => ({ kind: "last_resort", id }),
    owner: [200],
    approver: [200],
    auditor: [200, READ],
    stranger: [404, call("not_on_record")],
    program: [404, call("not_on_record")],
    second: [200],
  },
  reviewLastResort: {
    given: "used",
    call: ({ id }) => ({
      method: "POST",
      path: `/v1/last-resort/${id}/review`,
      body: { verdict: "justified", comment: "so it was" },
    }),
    owner: [403, decision("self_approval")],
    approver: [200, "REVIEW:last_resort.reviewed"],
    auditor: [403, decision("not_permitted")],
    stranger: [404, decision("not_on_record")],
    program: [404, decision("not_on_record")],
    second: [403, decision("self_approval")],
  },
  openSession: {
    given: "approved",
    call: ({ id }) => ({ method: "POST", path: `/v1/requests/${id}/sessions`, body: {} }),
    owner: [201, "REQ:exec.intent", "REQ:session.opened"],
    approver: [403, open("not_permitted")],
    auditor: [403, open("not_permitted")],
    stranger: [404, open("request_not_found")],
    program: [404, open("request_not_found")],
    second: [201, "REQ:exec.intent", "REQ:session.opened"],
  },
  listSessions: {
    given: "opened",
    call: () => ({ method: "GET", path: "/v1/sessions" }),
    reads: () => ({ kind: "list", id: "sessions" }),
    ...everybody,
    auditor: [200, READ],
  },
  getSession: {
    given: "opened",
    call: ({ sessionId }) => ({ method: "GET", path: `/v1/sessions/${sessionId}` }),
    reads: ({ sessionId: id }) => ({ kind: "session", id }),
    owner: [200],
    approver: [200],
    auditor: [200, READ],
    stranger: [404, call("session_not_found")],
    program: [404, call("session_not_found")],
    second: [200],
  },
  terminateSession: {
    given: "opened",
    call: ({ sessionId }) => ({
      method: "POST",
      path: `/v1/sessions/${sessionId}/terminate`,
      body: {},
    }),
    owner: [202, "REQ:end.asked"],
    approver: [403, decision("not_permitted")],
    auditor: [403, decision("not_permitted")],
    stranger: [404, decision("session_not_found")],
    program: [404, decision("session_not_found")],
    second: [202, "REQ:end.asked"],
  },
  listTargets: {
    given: "nothing",
    call: () => ({ method: "GET", path: "/v1/targets?cluster=demo" }),
    ...everybody,
  },
  listServices: {
    given: "nothing",
    call: () => ({ method: "GET", path: "/v1/services?cluster=demo" }),
    ...everybody,
  },
  preflightRequest: {
    given: "nothing",
    call: () => ({ method: "POST", path: "/v1/preflight", body: wish }),
    owner: [200],
    approver: [404, call("cluster_not_found")],
    auditor: [404, call("cluster_not_found")],
    stranger: [404, call("cluster_not_found")],
    program: [403, call("refused_by_rule")],
    second: [200],
  },
  listEvents: {
    given: "nothing",
    call: () => ({ method: "GET", path: `/v1/events?day=${utcDay(Date.now())}` }),
    reads: () => ({ kind: "events", id: utcDay(Date.now()) }),
    owner: [403, call("not_permitted")],
    approver: [403, call("not_permitted")],
    auditor: [200, READ],
    stranger: [403, call("not_permitted")],
    program: [403, call("not_permitted")],
    second: [403, call("not_permitted")],
  },
  getActivation: {
    given: "nothing",
    call: () => ({ method: "GET", path: "/v1/activations?seq=1" }),
    reads: () => ({ kind: "activation", id: "1" }),
    owner: [403, call("not_permitted")],
    approver: [403, call("not_permitted")],
    auditor: [200, READ],
    stranger: [403, call("not_permitted")],
    program: [403, call("not_permitted")],
    second: [403, call("not_permitted")],
  },
  getText: {
    given: "nothing",
    call: () => ({ method: "GET", path: `/v1/texts?hash=${sha256Hex(rulesHere().policies)}` }),
    reads: () => ({ kind: "text", id: sha256Hex(rulesHere().policies) }),
    owner: [403, call("not_permitted")],
    approver: [403, call("not_permitted")],
    auditor: [200, READ],
    stranger: [403, call("not_permitted")],
    program: [403, call("not_permitted")],
    second: [403, call("not_permitted")],
  },
  whoami: { given: "nothing", call: () => ({ method: "GET", path: "/v1/whoami" }), ...everybody },
  health: { given: "nothing", call: () => ({ method: "GET", path: "/v1/health" }), ...everybody },
  openapi: {
    given: "nothing",
    call: () => ({ method: "GET", path: "/v1/openapi.json" }),
    ...everybody,
  },
};

/** Of another's request or session, of one that never was, and of what can be none. */
const fabricated: Subject[] = [
  {
    id: "0123456789abcdefghjkmnpqrs",
    digest: "0".repeat(64),
    sessionId: "ecs-execute-command-0123",
    task: "",
  },
  { id: "no-such", digest: "0".repeat(64), sessionId: "not%20one", task: "" },
];

describe.skipIf(!engineHere)("who may do what", () => {
  let gateway: TestGateway;
  let uses = 0;
  /** Refusals that were counted, described as those that are events. */
  const counted: string[] = [];
  beforeAll(async () => {
    gateway = await startTestGateway({
      wrapCounts: (counts) => ({
        ...counts,
        count: async (refusal, at) => {
          const times = await counts.count(refusal, at);
          const of = routes.find(({ name }) => name === refusal.route)?.function ?? "requests";
          const describe = { requests: call, decide: decision, exec: open }[of];
          if (refusal.equal === null || times > 1) counted.push(describe(refusal.code));
          return times;
        },
      }),
    });
  });
  /** What the record grew by, with the refusals that are to be on it by their number alone. */
  const told = async <T>(act: () => Promise<T>) => {
    counted.length = 0;
    const grown = await grownBy(gateway.events, act);
    return { ...grown, told: [...grown.added.map(described), ...counted] };
  };
  afterAll(async () => {
    await gateway.close();
  });

  async function prepared(given: Row["given"]): Promise<Subject> {
    const demo = gateway.emulator.fleet.clusters.find((cluster) => cluster.name === "demo");
    const task = demo?.tasks.find((one) => one.service === "reports")?.id ?? "";
    if (given === "used") {
      const id = `0a1b2c3d-0000-4000-9000-${String(++uses).padStart(12, "0")}`;
      const at = trailTime(Date.now() - 2 * 3_600_000);
      await gateway.watch(
        delivery("assume-last-resort", { sessionName: "dev", at, id, session: `ASIA${uses}` }),
      );
      return { id, digest: "", sessionId: "", task };
    }
    if (given === "nothing") return { id: "", digest: "", sessionId: "", task };
    const asked = await gateway.as("dev")("POST", "/v1/requests", wish);
    expect(asked.status, JSON.stringify(asked.body)).toBe(201);
    const { id, digest } = asked.body as { id: string; digest: string };
    if (given !== "pending") {
      const decision = { decision: "approve", digest };
      const approved = await gateway.as("lead")("POST", `/v1/requests/${id}/decisions`, decision);
      if (approved.body.status !== "approved") throw new Error(JSON.stringify(approved.body));
    }
    let sessionId = "";
    if (given === "opened") {
      const opened = await gateway.as("dev")("POST", `/v1/requests/${id}/sessions`);
      if (opened.status !== 201) throw new Error(JSON.stringify(opened.body));
      sessionId = opened.body.session.sessionId;
    }
    await gateway.project(id);
    return { id, digest, sessionId, task };
  }

  /** The chain and the kind, with the code of a refusal. */
  function described(event: StoredEvent): string {
    const { code } = JSON.parse(event.leaf).data;
    return code === undefined ? named(event) : `${named(event)} ${code}`;
  }

  it("has a row for every route, and none for another", () => {
    expect(Object.keys(matrix).toSorted()).toEqual(routes.map((r) => r.name).toSorted());
  });

  it.each(routes.map((route) => [route.name, route] as const))(
    "T34 %s answers each as the table says, and records that and nothing else",
    async (name, route) => {
      const row = matrix[name];
      const found: { [who: string]: Cell } = {};
      for (const who of Object.keys(profiles) as Who[]) {
        const subject = await prepared(row.given);
        const { method, path, body } = row.call(subject);
        expect(method).toBe(route.method);
        const {
          result,
          added,
          told: grown,
        } = await told(() => gateway.as(profiles[who])(method, path, body));
        found[who] = [result.status, ...grown.toSorted()];
        for (const { actor, kind, data } of added.map(({ leaf }) => JSON.parse(leaf))) {
          expect(actor).toEqual(actorOf(profiles[who]));
          const isRead = kind === "record.read";
          expect(data.subject).toEqual(isRead ? row.reads?.(subject) : undefined);
          const about = { "{id}": subject.id, "{sessionId}": subject.sessionId };
          const [, its] = Object.entries(about).find(([of]) => route.path.includes(of)) ?? [];
          const refused = { route: name, about: its ?? null, code: result.body.code };
          const isRefusal = /^(call|decision|open)\.refused$/.test(kind);
          expect(data).toEqual(isRefusal ? refused : data);
        }
      }
      const { given: _, call: __, reads: ___, ...cells } = row;
      expect(found).toEqual(cells);
    },
  );

  const about = routes.filter(({ path }) => path.includes("{"));
  it.each(about.map((route) => [route.name, route] as const))(
    "T35 %s tells strangers the same of another's and of one that never was",
    async (name) => {
      const row = matrix[name];
      for (const who of ["stranger", "bot"] as const) {
        const answers = [];
        for (const subject of [await prepared(row.given), ...fabricated]) {
          const { method, path, body } = row.call(subject);
          const {
            result,
            told: grown,
            added,
          } = await told(() => gateway.as(who)(method, path, body));
          const { instance, ...rest } = result.body;
          expect(instance).toMatch(/^call-/);
          answers.push({
            status: result.status,
            headers: result.headers,
            rest,
            grown,
            data: added.map((event) => ({ ...JSON.parse(event.leaf).data, about: "" })),
          });
        }
        const [first, ...others] = answers;
        expect(first?.status).toBe(404);
        for (const other of others) expect(other).toEqual(first);
      }
    },
  );

  interface Place {
    cluster: string;
    service?: string;
    family?: string;
    task?: string;
  }
  const { target: _target, ...what } = wish;
  it.each<[string, Cell, (place: Place) => ReturnType<Row["call"]>, (keyof Place)[]]>([
    [
      "/v1/requests",
      [404, call("cluster_not_found")],
      (target) => ({ method: "POST", path: "/v1/requests", body: { ...what, target } }),
      ["service", "family", "task"],
    ],
    [
      "/v1/preflight",
      [404, call("cluster_not_found")],
      (target) => ({ method: "POST", path: "/v1/preflight", body: { ...what, target } }),
      ["service", "family", "task"],
    ],
    [
      "/v1/execute-command",
      [404, open("cluster_not_found")],
      (place) => ({
        method: "POST",
        path: "/v1/execute-command",
        body: { ...what, ...place, interactive: true },
      }),
      ["task"],
    ],
    [
      "/v1/targets",
      [200],
      (place) => ({
        method: "GET",
        path: `/v1/targets?${new URLSearchParams({ ...place }).toString()}`,
      }),
      ["service", "cluster"],
    ],
    [
      "/v1/services",
      [200],
      ({ cluster }) => ({
        method: "GET",
        path: `/v1/services?${new URLSearchParams({ cluster }).toString()}`,
      }),
      ["cluster"],
    ],
  ])(
    "%s tells strangers the same of places that are there and of those that are not",
    async (_, cell, callOf, by) => {
      const demo = gateway.emulator.fleet.clusters.find((cluster) => cluster.name === "demo");
      const task = demo?.tasks[0]?.id ?? "";
      expect(task).not.toBe("");
      const there = { service: "reports", family: "nightly", task };
      for (const kind of by) {
        const named = kind === "cluster" ? {} : { [kind]: there[kind] };
        const missing = kind === "task" ? "0".repeat(32) : "never";
        const answers = [];
        for (const place of [
          { cluster: "demo", ...named },
          ...(kind === "cluster" ? [] : [{ cluster: "demo", [kind]: missing }]),
          { cluster: "never", ...named },
          { cluster: "gone", ...named },
        ]) {
          const { method, path, body } = callOf(place);
          const { result, told: grown } = await told(() =>
            gateway.as("stranger")(method, path, body),
          );
          const { instance: _instance, asOf: _asOf, ...rest } = result.body;
          answers.push({ cell: [result.status, ...grown], headers: result.headers, rest });
        }
        expect(answers[0]?.cell).toEqual(cell);
        for (const answer of answers) expect(answer).toEqual(answers[0]);
      }
    },
  );

  it("tells a stranger nothing by lists: no row, no cursor, and no number through atLeast", async () => {
    const { id } = await prepared("opened");
    const stranger = gateway.as("stranger");
    for (const path of [
      "/v1/requests",
      "/v1/sessions",
      "/v1/requests?requester=dev",
      "/v1/sessions?requester=dev",
    ]) {
      const { items, cursor } = (await stranger("GET", path)).body;
      expect([path, items]).toEqual([path, []]);
      // Days that were not looked at yet, and never the time or the id of a row.
      expect(cursor ?? "0.").toMatch(path.includes("requester") ? /^0\.$/ : /^\d+\.$/);
    }
    const [theirs, none] = await Promise.all(
      [id, fabricated[0]?.id].map((one) => stranger("GET", `/v1/requests?atLeast=${one}:1`)),
    );
    expect([theirs?.body.stale, none?.body.stale]).toEqual([true, true]);
    expect(
      (await gateway.as("dev")("GET", `/v1/requests?atLeast=${id}:1`)).body.stale,
    ).toBeUndefined();
  });

  it("lists and answers sessions, whichever identity opened them", async () => {
    const { sessionId, id } = await prepared("opened");
    for (const who of ["dev", "dev2", "lead", "auditor"] as const) {
      const listed = await gateway.as(who)("GET", "/v1/sessions?state=live");
      expect(listed.body.items.map((s: { sessionId: string }) => s.sessionId)).toContain(sessionId);
      const one = await gateway.as(who)("GET", `/v1/sessions/${sessionId}`);
      expect(one.body).toMatchObject({
        sessionId,
        requestId: id,
        state: "live",
        delivered: true,
        container: "app",
      });
      expect(JSON.stringify(one.body)).not.toMatch(/tokenValue|streamUrl|wss?:\/\//);
    }
    for (const [method, below] of [
      ["GET", "/transcript"],
      ["POST", "/resume"],
      ["POST", "/data-key"],
    ] as const) {
      const answer = await gateway.as("dev")(method, `/v1/sessions/${sessionId}${below}`);
      expect([answer.status, answer.body.code]).toEqual([404, "route_not_found"]);
    }
  });

  it("records the read of an auditor who waits for what is next", async () => {
    const { id } = await prepared("pending");
    const { result, grown, added } = await grownBy(gateway.events, () =>
      gateway.as("auditor")("GET", `/v1/requests/${id}?after=0&waitSeconds=0`),
    );
    expect([result.status, grown]).toEqual([200, [READ]]);
    expect(JSON.parse(added[0]?.leaf ?? "{}")).toMatchObject({
      actor: actorOf("auditor"),
      data: { subject: { kind: "request", id } },
    });
  });

  describe("T29 nobody decides on what they ask for", () => {
    const decided = async (who: Profile, asked: { id: string; digest: string }) => {
      const { id, digest } = asked;
      for (const decision of ["approve", "deny"]) {
        const { result, told: grown } = await told(() =>
          gateway.as(who)("POST", `/v1/requests/${id}/decisions`, { decision, digest }),
        );
        expect([result.status, result.body.code]).toEqual([403, "self_approval"]);
        expect(grown).toEqual(["REFUSED:decision.refused self_approval"]);
        expect((await gateway.events.load(`REQ#${id}`)).map(named)).toEqual(["REQ:request.asked"]);
      }
    };

    it("under any identity", async () => {
      const asked = await gateway.as("dev")("POST", "/v1/requests", wish);
      expect(asked.status).toBe(201);
      await decided("dev", asked.body);
      await decided("dev2", asked.body);
    });

    it("nor what a program of theirs asks for", async () => {
      const loads = { ...wish, command: "/bin/cat /proc/loadavg" };
      const asked = await gateway.as("bot")("POST", "/v1/requests", loads);
      expect(asked.status, JSON.stringify(asked.body)).toBe(201);
      await decided("dev", asked.body);
    });

    it("even where it lacks exactly them", async () => {
      const { directory, ...rules } = rulesHere();
      const activate = async (text: string) => {
        const set = { ...rules, directory: text, reason: "who is in the team" };
        const proposed = await gateway.as("operator")("POST", "/v1/activations", set);
        const { id, digest } = proposed.body.request;
        const agreed = { decision: "approve", digest };
        const done = await gateway.as("sre")("POST", `/v1/requests/${id}/decisions`, agreed);
        expect(done.body.status, JSON.stringify(done.body)).toBe("closed");
      };
      await activate(directory.replace('"groups": ["sre"],', '"groups": ["sre", "payments"],'));
      try {
        const asked = await gateway.as("sre")("POST", "/v1/requests", wish);
        expect(asked.status, JSON.stringify(asked.body)).toBe(201);
        await decided("sre", asked.body);
      } finally {
        await activate(directory);
      }
    });
  });

  it("records a reader's reads of one subject once in an hour, however many come at once", async () => {
    const { id } = await prepared("pending");
    const { grown } = await grownBy(gateway.events, async () => {
      await Promise.all(
        Array.from({ length: 6 }, () => gateway.as("auditor")("GET", `/v1/requests/${id}`)),
      );
      await gateway.as("auditor")("GET", `/v1/requests/${id}/events`);
    });
    expect(grown).toEqual([READ]);
  });

  it("leaves a record that verifies", async () => {
    expect(verifyChains(await wholeRecord(gateway.events)).problems).toEqual([]);
  });
});

describe.skipIf(!engineHere)("a read that cannot be recorded", () => {
  it("is refused, and shows nothing of what was asked for", async () => {
    let failing = false;
    const gateway = await startTestGateway({
      wrapEvents: (events) => ({
        ...events,
        append: async (entries, fences) => {
          if (failing && entries.some((entry) => entry.family === "read")) throw new Error("gone");
          return await events.append(entries, fences);
        },
      }),
    });
    try {
      const asked = await gateway.as("dev")("POST", "/v1/requests", wish);
      failing = true;
      for (const path of [
        `/v1/requests/${asked.body.id}`,
        `/v1/requests/${asked.body.id}/events`,
        `/v1/events?day=${utcDay(Date.now())}`,
      ]) {
        const read = await gateway.as("auditor")("GET", path);
        expect(read.status).toBe(500);
        expect(JSON.stringify(read.body)).not.toContain("uname");
      }
      expect((await gateway.as("dev")("GET", `/v1/requests/${asked.body.id}`)).status).toBe(200);
      failing = false;
      expect((await gateway.as("auditor")("GET", `/v1/requests/${asked.body.id}`)).status).toBe(
        200,
      );
    } finally {
      await gateway.close();
    }
  });
});
