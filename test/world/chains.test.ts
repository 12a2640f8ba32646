import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { eventKey } from "../../core/append-plan.ts";
import { canonicalJson, type Json } from "../../core/canonical-json.ts";
import { sha256Hex } from "../../core/digest.ts";
import { readEvent, type StoredEvent } from "../../core/event.ts";
import { eventKinds } from "../../core/event-kinds.ts";
import { verifyChains } from "../../core/verify-chains.ts";
import { looked } from "../kit/looks.ts";
import { madeOf, type RecordedChains, recordedChains } from "../kit/recorded-chains.ts";
import { seeded } from "./chance.ts";
import { worldClock } from "./clock.ts";
import { memoryAws } from "./memory-aws.ts";
import { memoryEvents } from "./memory-events.ts";
import { emptyTables, eventsIn } from "./tables.ts";
import { type Answered, type World, world } from "./world.ts";

const MINUTE = 60_000;
const versions = recordedChains();
const { version: own } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };

/** This version's functions on what another one recorded, an instant after that. */
async function deployedOn({ events, texts, made }: RecordedChains): Promise<World> {
  const tables = emptyTables();
  const record = memoryEvents(tables, made.tableArn);
  for (const [hash, text] of texts) await record.putText(hash, text);
  for (const stored of events) {
    expect(await record.append([stored], [])).toEqual({ kind: "appended" });
  }
  const clock = worldClock(made.now + 1_000);
  const aws = memoryAws(clock, seeded(7), () => undefined);
  return await world({ seed: 11, onto: { tables, tableArn: made.tableArn, clock, aws } });
}

const lastSet = (): RecordedChains => {
  const last = versions.at(-1);
  if (last === undefined) throw new Error("no version is recorded");
  return last;
};

describe.each(versions.map((one) => [one.version, one] as const))("chains of %s", (_, recorded) => {
  it("T80 verify, and come to what that version made of them", () => {
    looked("record");
    const { events, made } = recorded;
    expect(verifyChains(events).problems).toEqual([]);
    const { requests, locks, fences } = made;
    expect(madeOf(events, made.now)).toEqual({ requests, locks, fences });
  });

  it("T80 go on: what waits is decided, what was granted is opened once, what goes on is ended", async () => {
    const w = await deployedOn(recorded);
    const { pending, approved, open } = recorded.made.underWay;
    expect((await w.open("dev", approved)).status).toBe(201);
    expect((await w.open("dev", approved)).body.code).toBe("session_already_opened");
    expect((await w.approve("lead", pending)).body.status).toBe("approved");
    expect((await w.open("dev", pending)).status).toBe(201);
    const more = { minutes: 5, reason: "a little longer" };
    const asked = await w.call("dev", "POST", `/v1/requests/${pending}/extensions`, more);
    expect(asked.status, JSON.stringify(asked.body)).toBe(201);
    for (let n = 0; n < 40; n++) {
      w.clock.advance(MINUTE);
      await w.sweep();
    }
    expect(w.aws.running()).toEqual([]);
    looked("record");
    const kinds = (await w.events.load(`REQ#${open}`)).map((one) => readEvent(one).kind);
    expect(kinds).toContain("session.ended");
    expect(w.verify().problems).toEqual([]);
  });
});

it("T80 the chains of this version hold every kind of event it knows", () => {
  looked("record");
  const recorded = versions.find(({ version }) => version === own);
  const kinds = new Set(recorded?.events.map((stored) => readEvent(stored).kind));
  expect(Object.keys(eventKinds).filter((kind) => !kinds.has(kind as never))).toEqual([]);
});

/** What a later version may have put behind the last event of a chain. */
const later: { [what: string]: (leaf: { [member: string]: Json }) => object } = {
  "an unknown kind": () => ({ kind: "session.recorded" }),
  "another format": () => ({ v: 2 }),
  "a member more": ({ data }) => ({ data: { ...(data as object), region: "eu-west-1" } }),
  "a member more beside it": () => ({ tenant: "t" }),
  "an actor of a new kind": () => ({ actor: { kind: "robot", principal: "1:2" } }),
};

async function putLater(
  w: World,
  chain: string,
  change: (leaf: { [member: string]: Json }) => object,
): Promise<void> {
  const tip = await w.events.tip(chain);
  if (tip === undefined) throw new Error(`no chain ${chain}`);
  const leaf = JSON.parse(tip.leaf) as { [member: string]: Json };
  const seq = tip.seq + 1;
  const next = { ...leaf, seq, prev: sha256Hex(tip.leaf), ...change(leaf) };
  const stored: StoredEvent = { ...tip, seq, leaf: canonicalJson(next as Json), nonce: "00" };
  w.tables.items.get(chain)?.set(eventKey(seq), { event: stored });
}

const acts: { [act: string]: (w: World, ids: { [name: string]: string }) => Promise<Answered> } = {
  approve: async (w, { pending = "" }) => {
    const decision = { decision: "approve", digest: "0".repeat(64) };
    return await w.call("lead", "POST", `/v1/requests/${pending}/decisions`, decision);
  },
  revoke: (w, { approved = "" }) => w.revoke("lead", approved),
  cancel: (w, { pending = "" }) => w.cancel("dev", pending),
  open: (w, { approved = "" }) => w.open("dev", approved),
  extend: (w, { approved = "" }) =>
    w.call("dev", "POST", `/v1/requests/${approved}/extensions`, { minutes: 5, reason: "more" }),
  show: (w, { pending = "" }) => w.call("dev", "GET", `/v1/requests/${pending}`),
};

describe.each(Object.entries(later))("what a later version wrote: %s", (_, change) => {
  it.each(Object.entries(acts))(
    "T80 is refused by `%s`, and nothing is done",
    async (_act, act) => {
      const recorded = lastSet();
      const w = await deployedOn(recorded);
      const { pending, approved } = recorded.made.underWay;
      for (const id of [pending, approved]) await putLater(w, `REQ#${id}`, change);
      const before = eventsIn(w.tables).length;
      const answer = await act(w, recorded.made.underWay);
      expect(answer.body.code, JSON.stringify(answer.body)).toBe("sealed");
      looked("record");
      expect(eventsIn(w.tables)).toHaveLength(before);
      expect(w.journal.filter(({ what }) => what === "wire")).toEqual([]);
    },
  );

  it.each(["CONF", "LOCK"])("T80 stops everything where it stands on %s", async (chain) => {
    const recorded = lastSet();
    const w = await deployedOn(recorded);
    await putLater(w, chain, change);
    const before = eventsIn(w.tables).length;
    for (const call of [w.ask(), w.open("dev", recorded.made.underWay.approved)]) {
      expect((await call).body.code).toBe("sealed");
    }
    looked("record");
    expect(eventsIn(w.tables)).toHaveLength(before);
    expect(w.journal.filter(({ what }) => what === "wire")).toEqual([]);
  });

  it("T80 is in no list anew, is left by the sweeper, and does not verify", async () => {
    const recorded = lastSet();
    const w = await deployedOn(recorded);
    const { pending, approved } = recorded.made.underWay;
    const chain = `REQ#${approved}`;
    await putLater(w, chain, change);
    await w.project(approved);
    await w.project(pending);
    expect(w.tables.views.get(approved)).toBeUndefined();
    expect(w.tables.views.get(pending)).toBeDefined();
    const before = eventsIn(w.tables).length;
    expect(await w.wake(approved)).toBe(false);
    looked("record");
    expect(eventsIn(w.tables)).toHaveLength(before);
    expect(w.verify().problems).toMatchObject([{ chain }]);
  });
});
