import { describe, expect, it } from "vitest";
import { canonicalJson, type Json } from "../../core/canonical-json.ts";
import { type Event, readEvent, type StoredEvent } from "../../core/event.ts";
import { type Evidence, evidenceOf } from "./evidence.ts";
import { invariants, violations } from "./invariants.ts";
import type { Entry } from "./journal.ts";
import { type World, world } from "./world.ts";

/** Asked, agreed, opened, revoked and ended; another refused. */
async function run(): Promise<World> {
  const w = await world({ seed: 11 });
  const { id } = (await w.ask("dev", {}, "one-key")).body;
  await w.ask("dev", {}, "one-key");
  await w.approve("lead", id);
  await w.open("dev", id);
  await w.open("dev", id);
  await w.revoke("lead", id);
  await w.wake(id);
  await w.open("dev", id);
  return w;
}

type Leaf = Event & { [member: string]: Json };

/** The same evidence with each event of a kind changed, in the tables and in the journal: as if it had been so. */
function with_(evidence: Evidence, kind: Event["kind"], change: (leaf: Leaf) => void): Evidence {
  const changed = (stored: StoredEvent): StoredEvent => {
    const leaf = JSON.parse(stored.leaf) as Leaf;
    if (leaf.kind !== kind) return stored;
    change(leaf);
    return { ...stored, leaf: canonicalJson(leaf as Json) };
  };
  return {
    ...evidence,
    events: evidence.events.map(changed),
    journal: evidence.journal.map((entry) =>
      entry.what === "stored" ? { ...entry, events: entry.events.map(changed) } : entry,
    ),
  };
}

function without(evidence: Evidence, kind: Event["kind"]): Evidence {
  const stays = ({ leaf }: StoredEvent): boolean => JSON.parse(leaf).kind !== kind;
  return {
    ...evidence,
    events: evidence.events.filter(stays),
    journal: evidence.journal.map((entry) =>
      entry.what === "stored" ? { ...entry, events: entry.events.filter(stays) } : entry,
    ),
  };
}

function journalOf(evidence: Evidence, change: (entry: Entry) => Entry[]): Evidence {
  return { ...evidence, journal: evidence.journal.flatMap(change) };
}

const isExecute = (entry: Entry): boolean =>
  entry.what === "wire" && entry.call.operation === "ExecuteCommand";
const opened = (entry: Entry): boolean =>
  entry.what === "answer" && entry.answer.text.includes("tokenValue");
const data = (leaf: Leaf): { [member: string]: Json } => leaf.data as never;

describe("the invariants", async () => {
  const w = await run();
  const sound = evidenceOf(w, true);
  const token = w.aws.sessions[0]?.tokenValue ?? "";
  const answer = (text: string, status: number, change: object = {}): Entry => ({
    what: "answer",
    at: w.clock.now(),
    answer: {
      who: "dev",
      method: "GET",
      path: "/v1/requests",
      call: "call-x",
      tookMs: 0,
      sent: "{}",
      key: undefined,
      status,
      text,
      ...change,
    },
  });
  const added = (entry: Entry): Evidence => ({ ...sound, journal: [...sound.journal, entry] });

  it("hold in a run in which nothing went wrong", () => {
    expect(sound.sessions).toHaveLength(1);
    expect(violations(sound)).toEqual([]);
  });

  const doctored: [keyof typeof invariants, string, Evidence, RegExp][] = [
    ["I1", "the grant is missing", without(sound, "decision.approved"), /without a grant/],
    ["I1", "the session is not on record", without(sound, "session.opened"), /before its session/],
    [
      "I1",
      "somebody else got the token",
      journalOf(sound, (entry) =>
        entry.what === "answer" && opened(entry)
          ? [{ ...entry, answer: { ...entry.answer, who: "sre" } }]
          : [entry],
      ),
      /did not ask/,
    ],
    [
      "I1",
      "the answer came before the record",
      {
        ...sound,
        journal: [...sound.journal.filter(opened), ...sound.journal.filter((e) => !opened(e))],
      },
      /before its session/,
    ],
    [
      "I1",
      "the grant was over when the session was recorded",
      with_(sound, "session.opened", (leaf) => {
        leaf.at += 31 * 60_000;
      }),
      /after its grant was over/,
    ],
    ["I2", "the intent is missing", without(sound, "exec.intent"), /without a durable intent/],
    [
      "I2",
      "the intent came after the call",
      {
        ...sound,
        journal: [
          ...sound.journal.filter(isExecute),
          ...sound.journal.filter((entry) => !isExecute(entry)),
        ],
      },
      /without a durable intent/,
    ],
    [
      "I2",
      "nobody ended what could not be recorded",
      journalOf(without(sound, "session.opened"), (entry) =>
        entry.what === "wire" && entry.call.operation === "TerminateSession" ? [] : [entry],
      ),
      /its end was not asked for/,
    ],
    [
      "I2",
      "what no event names runs on",
      { ...without(sound, "session.opened"), running: sound.sessions.map((s) => s.sessionId) },
      /no event names it/,
    ],
    [
      "I3",
      "the command was sent twice",
      journalOf(sound, (entry) => (isExecute(entry) ? [entry, entry] : [entry])),
      /2 ExecuteCommands/,
    ],
    [
      "I4",
      "an attempt that started a session counts as failed",
      with_(sound, "session.opened", (leaf) => {
        Object.assign(leaf, {
          kind: "exec.failed",
          data: { attempt: 1, code: "throttled", aws: null },
        });
      }),
      /failed, and started a session/,
    ],
    [
      "I4",
      "two were in one container",
      {
        ...sound,
        sessions: [...sound.sessions, ...sound.sessions.map((s) => ({ ...s, sessionId: "other" }))],
      },
      /in one container at once/,
    ],
    [
      "I5",
      "the requester agreed",
      with_(sound, "decision.approved", (leaf) => {
        data(leaf)["person"] = "dev";
        (leaf.actor as { person: string }).person = "dev";
      }),
      /agreed to their own/,
    ],
    [
      "I5",
      "another called than is named",
      with_(sound, "decision.approved", (leaf) => {
        data(leaf)["person"] = "sre";
      }),
      /in the name of sre/,
    ],
    [
      "I5",
      "whoever agreed is in no group that was needed",
      with_(sound, "decision.approved", (leaf) => {
        data(leaf)["groups"] = [];
      }),
      /before enough had agreed/,
    ],
    [
      "I6",
      "another command ran",
      journalOf(sound, (entry) =>
        entry.what === "wire" && isExecute(entry)
          ? [{ ...entry, call: { ...entry.call, command: "/bin/ls -l" } }]
          : [entry],
      ),
      /another command/,
    ],
    [
      "I6",
      "it ran in another container",
      journalOf(sound, (entry) =>
        entry.what === "wire" && isExecute(entry)
          ? [{ ...entry, call: { ...entry.call, container: "envoy" } }]
          : [entry],
      ),
      /another container/,
    ],
    [
      "I6",
      "the grant is longer than was asked",
      with_(sound, "decision.approved", (leaf) => {
        const grant = data(leaf)["grant"] as { expiresAt: number };
        grant.expiresAt += 1;
      }),
      /granted for longer/,
    ],
    [
      "I7",
      "it was executed at the very end of the grant",
      with_(sound, "exec.intent", (leaf) => {
        data(leaf)["expiresAt"] = sound.journal.find(isExecute)?.at ?? 0;
      }),
      /after its time/,
    ],
    [
      "I7",
      "it outlives its grant",
      {
        ...sound,
        now: sound.now + 86_400_000,
        running: sound.sessions.map(({ sessionId }) => sessionId),
      },
      /outlives/,
    ],
    [
      "I8",
      "it was intended after the revoke",
      {
        ...sound,
        journal: [
          ...sound.journal.filter((entry) => isRevoke(entry)),
          ...sound.journal.filter((entry) => !isRevoke(entry)),
        ],
      },
      /after the stop/,
    ],
    [
      "I8",
      "what was revoked runs on",
      { ...sound, running: sound.sessions.map(({ sessionId }) => sessionId) },
      /runs on after the stop/,
    ],
    [
      "I9",
      "an attempt has no end",
      { ...without(sound, "session.ended"), now: sound.now + 86_400_000 },
      /has no end/,
    ],
    ["I9", "its place is not given back", without(sound, "hold.released"), /still held/],
    ["I9", "an event is missing", without(sound, "decision.approved"), /is missing/],
    [
      "I9",
      "nobody says that it is over",
      { ...without(sound, "request.revoked"), now: sound.now + 86_400_000 },
      /no event says so/,
    ],
    [
      "I10",
      "a revoke is told that is not durable",
      without(sound, "request.revoked"),
      /before it was durable/,
    ],
    ["I10", "a failure has no code", added(answer("{}", 500)), /without a code/],
    [
      "I10",
      "a sound record is told as a broken one",
      added(answer('{"code":"record_corrupt"}', 500)),
      /told as broken/,
    ],
    [
      "I10",
      "an answer comes when nobody waits for it",
      added(answer("{}", 200, { tookMs: 29_001 })),
      /had given up/,
    ],
    ["I12", "a refusal is in no event", without(sound, "open.refused"), /no event of call/],
    [
      "I12",
      "a refusal is in two events",
      with_(sound, "open.refused", (leaf) => {
        leaf.call = "call-same";
      }),
      /no event of call/,
    ],
    [
      "I13",
      "an event was taken away",
      { ...sound, events: sound.events.slice(1) },
      /is not what it was/,
    ],
    [
      "I13",
      "an event was put beside the gateway",
      { ...sound, journal: sound.journal.filter(({ what }) => what !== "stored") },
      /written by nobody/,
    ],
    ["I16", "a token stands in a log", { ...sound, elsewhere: [`told ${token}`] }, /a log/],
    [
      "I16",
      "a token stands in an error",
      added(answer(`{"code":"x","detail":"${token}"}`, 500)),
      /an error/,
    ],
    [
      "I16",
      "a part of a token stands in the record",
      with_(sound, "open.refused", (leaf) => {
        data(leaf)["about"] = token.slice(10, 60);
      }),
      /the record/,
    ],
    [
      "I16",
      "a token is answered twice",
      added(answer(`{"session":"${token}"}`, 200)),
      /answered twice/,
    ],
    [
      "I17",
      "one key asked for two requests",
      journalOf(sound, (entry) =>
        entry.what === "answer" && entry.answer.key === "one-key"
          ? [entry, { ...entry, answer: { ...entry.answer, text: '{"id":"other"}' } }]
          : [entry],
      ),
      /was answered two requests/,
    ],
  ];

  it.each(doctored)("%s does not hold where %s", (number, _, evidence, what) => {
    const found = invariants[number](evidence);
    expect(found.join("\n")).toMatch(what);
  });

  it("have each been seen to fail", () => {
    expect([...new Set(doctored.map(([number]) => number))]).toEqual(Object.keys(invariants));
  });
});

function isRevoke(entry: Entry): boolean {
  return (
    entry.what === "stored" && entry.events.some((one) => readEvent(one).kind === "request.revoked")
  );
}
