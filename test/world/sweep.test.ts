import { describe, expect, it } from "vitest";
import { canonicalJson, type Json } from "../../core/canonical-json.ts";
import { readEvent, type StoredEvent } from "../../core/event.ts";
import { foldRequest } from "../../core/fold-request.ts";
import { rulesHere } from "../../local/rules-here.ts";
import { looked } from "../kit/looks.ts";
import { clusterArn } from "./fleet.ts";
import { textsOf } from "./model/sets.ts";
import { expectSound, storedEvents } from "./race.ts";
import { type World, world } from "./world.ts";

const MINUTE = 60_000;
/** What a grant of the demo's rules lasts. */
const GRANT_MS = 30 * MINUTE;

async function live(w: World, wish: object = {}): Promise<string> {
  const { id } = (await w.ask("dev", wish)).body;
  await w.approve("lead", id);
  expect((await w.open("dev", id)).status).toBe(201);
  return id;
}

async function rounds(w: World, minutes: number): Promise<void> {
  for (let n = 0; n < minutes; n++) {
    w.clock.advance(MINUTE);
    await w.sweep();
  }
}

const kindsOf = async (w: World, id: string): Promise<string[]> => {
  looked("record");
  return (await w.events.load(`REQ#${id}`)).map((stored) => readEvent(stored).kind);
};
const sent = (w: World, operation: string): number =>
  w.journal.filter((entry) => entry.what === "wire" && entry.call.operation === operation).length;
const counts = (w: World, name: string): number => w.counted.filter((one) => one === name).length;

async function activate(w: World, set: ReturnType<typeof rulesHere>): Promise<void> {
  const asked = await w.call("operator", "POST", "/v1/activations", { ...set, reason: "other" });
  expect(asked.status, JSON.stringify(asked.body)).toBe(202);
  const { id } = asked.body.request;
  expect((await w.approve("sre", id)).body.status).toBe("closed");
}

/** The rules of the repository with these besides, and people's groups changed. */
function setWith(more: string, groups: { [person: string]: string[] } = {}) {
  const { policies, schema, directory } = rulesHere();
  const all = JSON.parse(directory) as { persons: { id: string; groups: string[] }[] };
  const persons = all.persons.map((one) => ({ ...one, groups: groups[one.id] ?? one.groups }));
  return {
    policies: `${policies}\n${more}`,
    schema,
    directory: JSON.stringify({ ...all, persons }),
  };
}

const forbidding = (what: string): string =>
  `@id("more") forbid (principal, action == Sallyport::Action::"exec", resource) when { ${what} };`;
const endOf = async (w: World, id: string) =>
  foldRequest(id, await w.events.load(`REQ#${id}`), []).attempts.at(-1)?.end;

/** Every call of these ports fails from now on. */
function down(w: World, ...ops: string[]): void {
  w.intercept = async ({ op }, next) => {
    if (ops.some((one) => op.startsWith(one))) throw new Error(`${op} does not answer`);
    return await next();
  };
}

function up(w: World): void {
  w.intercept = (_, next) => next();
}

/** One event that contradicts the chain it stands on, as the role of `requests` could put it. */
async function spoil(w: World, id: string): Promise<void> {
  const chain = `REQ#${id}`;
  const seq = (await w.events.load(chain)).length + 1;
  const leaf = JSON.stringify({
    eventId: "01JUNKJUNKJUNKJUNKJUNKJUNK",
    kind: "decision.approved",
    data: { grant: null },
    at: w.clock.now(),
  });
  const junk: StoredEvent = { chain, seq, family: "asked", leaf, nonce: "00", open: {} };
  expect(await w.events.append([junk], [])).toEqual({ kind: "appended" });
}

describe("the sweeper", () => {
  it.each([
    ["SSM shows no session", ["sessionWatch."]],
    ["SSM and ECS show nothing", ["sessionWatch.", "containers."]],
  ])("T82 ends what is over though %s, and has it on record as unverified", async (_, ops) => {
    const w = await world();
    const id = await live(w);
    down(w, ...ops);
    w.clock.advance(GRANT_MS);
    await rounds(w, 3);
    expect(sent(w, "TerminateSession")).toBeGreaterThan(0);
    expect(w.aws.running()).toEqual([]);
    expect(await kindsOf(w, id)).toContain("end.unverified");
    expect(await kindsOf(w, id)).not.toContain("session.ended");
    expect(counts(w, "EndUnverified")).toBeGreaterThan(0);
    up(w);
    await rounds(w, 60);
    expect(await kindsOf(w, id)).toContain("session.ended");
    expectSound(w);
  });

  it("T13 counts and dates a try that ECS could not be asked about, where SSM only claims", async () => {
    const w = await world();
    const id = await live(w);
    w.intercept = async ({ op }, next) => {
      if (op === "containers.describeTasks") throw new Error("ECS does not answer");
      return op === "sessionEnder.terminate" ? "accepted" : await next();
    };
    w.clock.advance(GRANT_MS);
    await rounds(w, 2);
    expect(await kindsOf(w, id)).toContain("end.unverified");
    expect(counts(w, "EndUnverified")).toBeGreaterThan(0);
    up(w);
    await rounds(w, 60);
    expect(w.aws.running()).toEqual([]);
    expectSound(w);
  });

  it("comes back to a minute in which something failed, after minutes in which nothing did", async () => {
    const w = await world();
    const id = await live(w);
    w.clock.advance(GRANT_MS - MINUTE);
    await w.sweep();
    w.intercept = async ({ op, args }, next) => {
      if (op === "events.load" && args[0] === `REQ#${id}`) throw new Error("not now");
      return await next();
    };
    await rounds(w, 10);
    expect(w.aws.running()).toHaveLength(1);
    expect(counts(w, "SweepUndone")).toBeGreaterThanOrEqual(9);
    up(w);
    await rounds(w, 1);
    expect(w.aws.running()).toEqual([]);
    expectSound(w);
  });

  it("ends everybody else's sessions at their minute, however long one request cannot be swept", async () => {
    const w = await world();
    const stuck = await live(w);
    w.intercept = async ({ by, op, args }, next) => {
      if (op === "events.load" && args[0] === `REQ#${stuck}`) throw new Error("never");
      // Each question takes its time, and a process begins with no memory of the last.
      if (by === "sweeper" && op === "events.due") await w.clock.sleep(300);
      return await next();
    };
    await rounds(w, 300);
    w.restart();
    const { id } = (await w.ask("dev", { target: { cluster: "demo", service: "reports" } })).body;
    await w.approve("lead", id);
    const opened = await w.open("dev", id);
    expect(opened.status, JSON.stringify(opened.body)).toBe(201);
    const over = w.clock.now() + GRANT_MS;
    while (w.clock.now() < over) await rounds(w, 1);
    await rounds(w, 1);
    expect(await kindsOf(w, id)).toContain("session.ended");
    expect(counts(w, "SweepRounds")).toBeGreaterThan(300);
  });

  it("ends at once what a request has running whose chain was spoilt, and says that it cannot read it", async () => {
    const w = await world();
    const id = await live(w);
    await spoil(w, id);
    expect(await w.wake(id)).toBe(false);
    expect(sent(w, "TerminateSession")).toBe(1);
    expect(w.aws.running()).toEqual([]);
    expect(counts(w, "SweepUndone")).toBe(1);
    expect(w.logged.at(-1)).toContain("not canonical JSON");
  });

  it("ends it at its minute where the stream lost that, and counts what it does not see end", async () => {
    const w = await world();
    const id = await live(w);
    await spoil(w, id);
    w.intercept = async ({ op }, next) =>
      op === "sessionEnder.terminate" ? "accepted" : await next();
    w.clock.advance(GRANT_MS);
    await rounds(w, 2);
    expect(counts(w, "EndUnverified")).toBeGreaterThanOrEqual(2);
    up(w);
    await rounds(w, 1);
    expect(w.aws.running()).toEqual([]);
  });

  it("ends what an open of a spoilt request started, of which nobody knows the outcome", async () => {
    const w = await world();
    const { id } = (await w.ask()).body;
    await w.approve("lead", id);
    w.intercept = async ({ op }, next) => {
      const answer = await next();
      return op === "execRole.executeCommand" ? { kind: "unknown", why: "lost" } : answer;
    };
    expect((await w.open("dev", id)).body.code).toBe("outcome_unknown");
    up(w);
    await spoil(w, id);
    expect(w.aws.running()).toHaveLength(1);
    await rounds(w, 2);
    expect(w.aws.running()).toEqual([]);
  });

  it("ends what a later version has written of at its minute, by what it can read, and not before", async () => {
    const w = await world();
    const id = await live(w);
    const chain = `REQ#${id}`;
    const stored = await w.events.load(chain);
    const last = JSON.parse(stored.at(-1)?.leaf ?? "") as { [member: string]: Json };
    const seq = stored.length + 1;
    const leaf = canonicalJson({ ...last, seq, kind: "session.recorded" });
    const later: StoredEvent = { chain, seq, family: "swept", leaf, nonce: "00", open: {} };
    const key = `E#${String(seq).padStart(6, "0")}`;
    w.tables.items.get(chain)?.set(key, { event: later });
    expect(await w.wake(id)).toBe(false);
    expect(w.logged.at(-1)).toContain("unknown kind of event");
    await rounds(w, 29);
    expect(w.aws.running()).toHaveLength(1);
    await rounds(w, 1);
    expect(w.aws.running()).toEqual([]);
    expect((await w.revoke("lead", id)).body.code).toBe("sealed");
  });

  it("notices the ends of others, though one is of a request whose chain was spoilt", async () => {
    const w = await world();
    const spoilt = await live(w);
    const { id } = (await w.ask("dev", { target: { cluster: "demo", service: "reports" } })).body;
    await w.approve("lead", id);
    await w.open("dev", id);
    for (const { sessionId } of w.aws.running()) w.aws.exits(sessionId);
    await spoil(w, spoilt);
    await rounds(w, 2);
    expect(await kindsOf(w, id)).toContain("session.ended");
  });

  it("ends the session of somebody who left, though ECS shows no tasks", async () => {
    const w = await world();
    const id = await live(w);
    await rounds(w, 4);
    await activate(w, textsOf("usual", false));
    down(w, "containers.describeTasks");
    await rounds(w, 2);
    expect(w.aws.running()).toEqual([]);
    up(w);
    await rounds(w, 1);
    expect(storedEvents(w).find(({ kind }) => kind === "session.ended")?.data).toMatchObject({
      cause: "right_lost",
    });
    expect(await kindsOf(w, id)).toContain("session.ended");
    expectSound(w);
  });

  // Found by the model: 10,000 runs of seed 20261124.
  it("T24 puts on record that what approved itself has lapsed, where other rules had it wait again", async () => {
    const w = await world();
    const { id, status, digest } = (await w.ask("dev", { command: "/bin/date" })).body;
    expect(status).toBe("approved");
    const set = { ...textsOf("strict", true), reason: "two for every command" };
    const { request } = (await w.call("operator", "POST", "/v1/activations", set)).body;
    const yes = { decision: "approve", digest: request.digest };
    await w.call("sre", "POST", `/v1/requests/${request.id}/decisions`, yes);
    const decision = { decision: "approve", digest };
    const again = await w.call("lead", "POST", `/v1/requests/${id}/decisions`, decision);
    expect(again.body.code).toBe("digest_stale");
    await rounds(w, 31);
    w.clock.advance(5 * 60 * MINUTE);
    await w.sweep();
    expect((await kindsOf(w, id)).slice(-2)).toEqual(["request.recarded", "request.expired"]);
    expectSound(w);
  });

  it("takes a session that SSM does not know for one that goes on, while its task runs", async () => {
    const w = await world();
    const id = await live(w);
    w.intercept = async ({ op }, next) => {
      if (op === "sessionWatch.seen") return undefined;
      if (op === "sessionWatch.over") return [];
      return op === "sessionEnder.terminate" ? "accepted" : await next();
    };
    w.clock.advance(GRANT_MS);
    await rounds(w, 2);
    expect(w.aws.running()).toHaveLength(1);
    expect((await kindsOf(w, id)).at(-1)).toBe("end.unverified");
  });

  it("takes no task that is stopping for the proof of an end", async () => {
    const w = await world();
    const id = await live(w);
    for (const lastStatus of ["DEACTIVATING", "STOPPING", "DEPROVISIONING", "STOPPED"]) {
      expect(await kindsOf(w, id)).not.toContain("session.ended");
      w.intercept = async ({ op }, next) => {
        const answer = op === "sessionEnder.terminate" ? "accepted" : await next();
        if (op !== "containers.describeTasks") return answer;
        return (answer as object[]).map((task) => ({ ...task, lastStatus }));
      };
      w.clock.advance(GRANT_MS);
      await rounds(w, 1);
    }
    expect(await kindsOf(w, id)).toContain("session.ended");
  });

  it("T04 counts what an open of unknown outcome started and is not seen to end, and holds its use", async () => {
    const w = await world();
    const { id } = (await w.ask()).body;
    await w.approve("lead", id);
    w.intercept = async ({ op }, next) => {
      const answer = op === "sessionEnder.terminate" ? "accepted" : await next();
      return op === "execRole.executeCommand" ? { kind: "unknown", why: "lost" } : answer;
    };
    await w.open("dev", id);
    await rounds(w, 3);
    expect(counts(w, "EndUnverified")).toBeGreaterThan(0);
    expect((await kindsOf(w, id)).at(-1)).toBe("exec.unknown");
    expect((await w.open("dev", id)).body.code).toBe("outcome_unknown");
    up(w);
    await rounds(w, 2);
    expect(await kindsOf(w, id)).toContain("exec.settled");
    expectSound(w);
  });

  it("takes a task that is stopping for one that runs: only STOPPED is proof", async () => {
    const w = await world();
    const id = await live(w);
    const statuses = ["DEACTIVATING", "STOPPING", "DEPROVISIONING"];
    for (const lastStatus of statuses) {
      w.intercept = async ({ op }, next) => {
        const answer = await next();
        if (op !== "containers.describeTasks") return answer;
        return (answer as object[]).map((task) => ({ ...task, lastStatus }));
      };
      await rounds(w, 1);
    }
    expect(await kindsOf(w, id)).not.toContain("session.ended");
    expect(w.aws.running()).toHaveLength(1);
  });

  it("woken by a lock looks in every region, though one does not answer", async () => {
    const here = { account: "111122223333", region: "us-east-1" };
    const w = await world({ places: [{ ...here, region: "eu-west-1" }, here] });
    // By its name the cluster would be looked for in the first of them.
    const id = await live(w, {
      target: { cluster: clusterArn("demo"), service: "payments-api", container: "app" },
    });
    const lock = { subject: { kind: "person", id: "dev" }, reason: "a stolen laptop" };
    expect((await w.call("sre", "POST", "/v1/locks", lock)).status).toBe(201);
    w.intercept = async ({ op, args }, next) => {
      const place = args[0] as { region?: string } | undefined;
      if (op === "sessionWatch.goingOn" && place?.region === "eu-west-1") throw new Error("down");
      return await next();
    };
    expect(await w.wakeLocked()).toBe(false);
    expect(await kindsOf(w, id)).toContain("session.ended");
  });
});

describe("whoever lost the right to their session", () => {
  const reports = { target: { cluster: "demo", service: "reports" } };

  it.each([
    ["a group was left", setWith("", { dev: [] })],
    ["it was forbidden", setWith(forbidding('resource.name == "payments-api"'))],
    ["its rule is gone", textsOf("frozen", true)],
    ["it takes more approvals", textsOf("strict", true)],
    ["they are out of the directory", textsOf("usual", false)],
    [
      "a rule of it cannot be evaluated",
      setWith(`@id("broken") @approvals("{nobody}-leads:1") @max_duration("30m")
permit (principal, action == Sallyport::Action::"exec", resource) when { resource.name == "payments-api" };`),
    ],
  ])("T21 is ended at once by the stream, with what it was judged by, where %s", async (_, set) => {
    const w = await world();
    const id = await live(w);
    await activate(w, set);
    expect(w.aws.running()).toHaveLength(1);
    const before = w.clock.now();
    expect(await w.wakeActivated()).toBe(true);
    expect(w.clock.now() - before).toBeLessThan(5_000);
    expect(w.aws.running()).toEqual([]);
    expect(await endOf(w, id)).toMatchObject({ cause: "right_lost", strength: "ssm-status" });
    const ended = storedEvents(w).find(({ kind }) => kind === "session.ended");
    const dev = (
      JSON.parse(set.directory) as { persons: { id: string; groups: string[] }[] }
    ).persons.find((one) => one.id === "dev");
    expect(ended).toMatchObject({
      configuration: { seq: 2 },
      data: { judged: { groups: dev?.groups ?? [] } },
    });
    expectSound(w);
  });

  it("is ended by the next round, where the stream said nothing", async () => {
    const w = await world();
    const id = await live(w);
    await activate(w, setWith("", { dev: [] }));
    await rounds(w, 1);
    expect(await endOf(w, id)).toMatchObject({ cause: "right_lost" });
    expectSound(w);
  });

  it("is ended alone: what the new rules allow goes on, for them and for others", async () => {
    const w = await world();
    const lost = await live(w);
    const kept = await live(w, reports);
    const set = setWith(forbidding('resource.name == "payments-api"'), {
      operator: ["operators", "sre"],
    });
    await activate(w, set);
    expect(await w.wakeActivated()).toBe(true);
    await rounds(w, 1);
    expect(await endOf(w, lost)).toMatchObject({ cause: "right_lost" });
    expect(await endOf(w, kept)).toBeUndefined();
    expect(w.aws.running()).toHaveLength(1);
    expectSound(w);
  });

  it("is ended in an emergency too, by the rules for one", async () => {
    const w = await world();
    const wish = { target: { cluster: "demo", service: "payments-api", container: "app" } };
    const body = { ...wish, command: "/bin/sh", reason: "payments are failing" };
    const { id } = (await w.call("sre", "POST", "/v1/break-glass", body)).body;
    expect((await w.open("sre", id)).status).toBe(201);
    // No rule but that for emergencies ever let them in.
    await activate(w, setWith(""));
    expect(await w.wakeActivated()).toBe(true);
    expect(w.aws.running()).toHaveLength(1);
    const { policies, ...rest } = rulesHere();
    const without = policies.replace(/@id\("payments-emergency"\)[^;]*;/, "");
    await activate(w, { ...rest, policies: without });
    expect(await w.wakeActivated()).toBe(true);
    expect(w.aws.running()).toEqual([]);
    expect(await endOf(w, id)).toMatchObject({ cause: "right_lost" });
    expectSound(w);
  });

  it("stays, and is said to be undone, while nobody can judge; what has another cause ends", async () => {
    const w = await world();
    const id = await live(w);
    const other = await live(w, reports);
    await activate(w, setWith("", { dev: [] }));
    await w.revoke("lead", other);
    w.engineLost = true;
    expect(await w.wakeActivated()).toBe(false);
    await w.sweep();
    expect(await endOf(w, other)).toMatchObject({ cause: "revoked" });
    expect(w.aws.running()).toHaveLength(1);
    expect(counts(w, "SweepUndone")).toBe(2);
    expect(w.logged.at(-1)).toContain("the rules engine is lost");
    expect(w.begunAnew).toBe(2);
    w.engineLost = false;
    await w.sweep();
    expect(w.begunAnew).toBe(2);
    expect(await endOf(w, id)).toMatchObject({ cause: "right_lost" });
    expectSound(w);
  });

  it("stays where the record cannot be read, which is undone and comes again", async () => {
    const w = await world();
    const id = await live(w);
    await activate(w, setWith("", { dev: [] }));
    w.restart();
    w.intercept = async ({ by, op, args }, next) => {
      if (by === "sweeper" && op === "events.tip" && args[0] === "CONF") throw new Error("down");
      return await next();
    };
    expect(await w.wakeActivated()).toBe(false);
    expect(w.aws.running()).toHaveLength(1);
    expect(counts(w, "SweepUndone")).toBe(1);
    up(w);
    await w.sweep();
    expect(await endOf(w, id)).toMatchObject({ cause: "right_lost" });
  });

  it("has it on record that it ended by itself, where that was before the rules changed", async () => {
    const w = await world();
    const id = await live(w);
    w.clock.advance(1_000);
    for (const { sessionId } of w.aws.running()) w.aws.exits(sessionId);
    w.clock.advance(1_000);
    await activate(w, setWith("", { dev: [] }));
    expect(await w.wake(id)).toBe(true);
    expect(await endOf(w, id)).toMatchObject({ cause: "by_itself" });
    expectSound(w);
  });
});
