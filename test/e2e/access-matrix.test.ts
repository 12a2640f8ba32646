import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RouteName, routes } from "../../api/routes.ts";
import { utcDay } from "../../core/clock.ts";
import { verifyChains } from "../../core/verify-chains.ts";
import { rulesHere } from "../../local/rules-here.ts";
import { engineHere } from "../kit/engine.ts";
import { type Profile, startTestGateway, type TestGateway } from "../kit/gateway.ts";
import { grownBy, wholeRecord } from "../kit/record.ts";

/** In a cell: the status, and what the record grows by, as `<chain>:<kind>`. */
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
  given: "nothing" | "pending" | "approved" | "opened";
  call(subject: Subject): { method: "GET" | "POST"; path: string; body?: unknown };
  owner: Cell;
  approver: Cell;
  auditor: Cell;
  stranger: Cell;
  program: Cell;
  /** The owner again, under a second identity. */
  second: Cell;
}
type Who = Exclude<keyof Row, "given" | "call">;

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
const CALL = "REFUSED:call.refused";
const DECISION = "REFUSED:decision.refused";
const OPEN = "REFUSED:open.refused";
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
    approver: [404, OPEN],
    auditor: [404, OPEN],
    stranger: [404, OPEN],
    program: [403, "REQ:request.refused"],
    // The same person asking for the same goes on with what stands open.
    second: [202],
  },
  createRequest: {
    given: "nothing",
    call: () => ({ method: "POST", path: "/v1/requests", body: wish }),
    owner: [201, "REQ:request.asked"],
    approver: [404, CALL],
    auditor: [404, CALL],
    stranger: [404, CALL],
    program: [403, "REQ:request.refused"],
    second: [201, "REQ:request.asked"],
  },
  listRequests: {
    given: "pending",
    call: () => ({ method: "GET", path: "/v1/requests" }),
    ...everybody,
    auditor: [200, READ],
  },
  getRequest: {
    given: "pending",
    call: ({ id }) => ({ method: "GET", path: `/v1/requests/${id}` }),
    owner: [200],
    approver: [200],
    auditor: [200, READ],
    stranger: [404, CALL],
    program: [404, CALL],
    second: [200],
  },
  getRequestEvents: {
    given: "pending",
    call: ({ id }) => ({ method: "GET", path: `/v1/requests/${id}/events` }),
    owner: [200],
    approver: [200],
    auditor: [200, READ],
    stranger: [404, CALL],
    program: [404, CALL],
    second: [200],
  },
  cancelRequest: {
    given: "pending",
    call: ({ id }) => ({ method: "POST", path: `/v1/requests/${id}/cancel`, body: {} }),
    owner: [200, "REQ:request.cancelled"],
    approver: [403, CALL],
    auditor: [403, CALL],
    stranger: [404, CALL],
    program: [404, CALL],
    second: [200, "REQ:request.cancelled"],
  },
  decideRequest: {
    given: "pending",
    call: ({ id, digest }) => ({
      method: "POST",
      path: `/v1/requests/${id}/decisions`,
      body: { decision: "approve", digest },
    }),
    owner: [403, DECISION],
    approver: [200, "REQ:decision.approved"],
    auditor: [403, DECISION],
    stranger: [404, DECISION],
    program: [404, DECISION],
    second: [403, DECISION],
  },
  revokeRequest: {
    given: "approved",
    call: ({ id }) => ({ method: "POST", path: `/v1/requests/${id}/revoke`, body: {} }),
    owner: [403, DECISION],
    approver: [200, "REQ:request.revoked"],
    auditor: [403, DECISION],
    stranger: [404, DECISION],
    program: [404, DECISION],
    second: [403, DECISION],
  },
  createActivation: {
    given: "nothing",
    call: () => ({
      method: "POST",
      path: "/v1/activations",
      body: { ...rulesHere(), reason: "mine" },
    }),
    owner: [403, DECISION],
    approver: [403, DECISION],
    auditor: [403, DECISION],
    stranger: [403, DECISION],
    program: [403, DECISION],
    second: [403, DECISION],
  },
  openSession: {
    given: "approved",
    call: ({ id }) => ({ method: "POST", path: `/v1/requests/${id}/sessions`, body: {} }),
    owner: [201, "REQ:exec.intent", "REQ:session.opened"],
    approver: [403, OPEN],
    auditor: [403, OPEN],
    stranger: [404, OPEN],
    program: [404, OPEN],
    second: [201, "REQ:exec.intent", "REQ:session.opened"],
  },
  listSessions: {
    given: "opened",
    call: () => ({ method: "GET", path: "/v1/sessions" }),
    ...everybody,
    auditor: [200, READ],
  },
  getSession: {
    given: "opened",
    call: ({ sessionId }) => ({ method: "GET", path: `/v1/sessions/${sessionId}` }),
    owner: [200],
    approver: [200],
    auditor: [200, READ],
    stranger: [404, CALL],
    program: [404, CALL],
    second: [200],
  },
  listTargets: {
    given: "nothing",
    call: () => ({ method: "GET", path: "/v1/targets?cluster=demo" }),
    ...everybody,
  },
  preflightRequest: {
    given: "nothing",
    call: () => ({ method: "POST", path: "/v1/preflight", body: wish }),
    owner: [200],
    approver: [404, CALL],
    auditor: [404, CALL],
    stranger: [404, CALL],
    program: [403, CALL],
    second: [200],
  },
  listEvents: {
    given: "nothing",
    call: () => ({ method: "GET", path: `/v1/events?day=${utcDay(Date.now())}` }),
    owner: [403, CALL],
    approver: [403, CALL],
    auditor: [200, READ],
    stranger: [403, CALL],
    program: [403, CALL],
    second: [403, CALL],
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
  beforeAll(async () => {
    gateway = await startTestGateway();
  });
  afterAll(async () => {
    await gateway.close();
  });

  async function prepared(given: Row["given"]): Promise<Subject> {
    const demo = gateway.emulator.fleet.clusters.find((cluster) => cluster.name === "demo");
    const task = demo?.tasks.find((one) => one.service === "reports")?.id ?? "";
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

  it("has a row for every route, and none for another", () => {
    expect(Object.keys(matrix).toSorted()).toEqual(routes.map((r) => r.name).toSorted());
  });

  it.each(routes.map((route) => [route.name, route] as const))(
    "%s answers each as the table says, and records that and nothing else",
    async (name, route) => {
      const row = matrix[name];
      const found: { [who: string]: Cell } = {};
      for (const who of Object.keys(profiles) as Who[]) {
        const subject = await prepared(row.given);
        const { method, path, body } = row.call(subject);
        expect(method).toBe(route.method);
        const { result, grown } = await grownBy(gateway.events, () =>
          gateway.as(profiles[who])(method, path, body),
        );
        found[who] = [result.status, ...grown];
      }
      const { given: _, call: __, ...cells } = row;
      expect(found).toEqual(cells);
    },
  );

  const about = routes.filter(({ path }) => path.includes("{"));
  it.each(about.map((route) => [route.name, route] as const))(
    "%s tells strangers the same of another's and of one that never was",
    async (name) => {
      const row = matrix[name];
      for (const who of ["stranger", "bot"] as const) {
        const answers = [];
        for (const subject of [await prepared(row.given), ...fabricated]) {
          const { method, path, body } = row.call(subject);
          const { result, grown, added } = await grownBy(gateway.events, () =>
            gateway.as(who)(method, path, body),
          );
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

  it("tells strangers the same of places that are there and of those that are not", async () => {
    const demo = gateway.emulator.fleet.clusters.find((cluster) => cluster.name === "demo");
    const task = demo?.tasks[0]?.id ?? "";
    expect(task).not.toBe("");
    const never = "0".repeat(32);
    const pairs = [
      [
        { cluster: "demo", service: "reports" },
        { cluster: "demo", service: "never" },
        { cluster: "never", service: "reports" },
      ],
      [
        { cluster: "demo", family: "nightly" },
        { cluster: "demo", family: "never" },
        { cluster: "never", family: "nightly" },
      ],
      [
        { cluster: "demo", task },
        { cluster: "demo", task: never },
        { cluster: "never", task },
      ],
    ];
    for (const places of pairs) {
      const answers = [];
      for (const target of places) {
        const { result, grown } = await grownBy(gateway.events, () =>
          gateway.as("stranger")("POST", "/v1/requests", { ...wish, target }),
        );
        const { instance: _, ...rest } = result.body;
        answers.push({ status: result.status, headers: result.headers, rest, grown });
      }
      expect(answers[1]).toEqual(answers[0]);
      expect(answers[2]).toEqual(answers[0]);
      expect(answers[0]?.grown).toEqual([CALL]);
    }
  });

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
      ["POST", "/terminate"],
      ["POST", "/resume"],
      ["POST", "/data-key"],
    ] as const) {
      const answer = await gateway.as("dev")(method, `/v1/sessions/${sessionId}${below}`);
      expect([answer.status, answer.body.code]).toEqual([404, "route_not_found"]);
    }
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
