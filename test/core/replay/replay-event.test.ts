import { describe, expect, it } from "vitest";
import { configurationHash } from "../../../core/configuration-hash.ts";
import { sha256Hex } from "../../../core/digest.ts";
import {
  type Event,
  emptyTail,
  nextEvent,
  readEvent,
  type StoredEvent,
  tailAfter,
} from "../../../core/event.ts";
import type { EventBody } from "../../../core/event-kinds.ts";
import { locksOf } from "../../../core/locks.ts";
import type { PolicyEngine } from "../../../core/policy-engine.ts";
import { configurationOf, takenRecord } from "../../../core/replay/record.ts";
import { type Replay, replayEvent } from "../../../core/replay/replay-event.ts";
import { setting } from "../../../core/unlock.ts";
import {
  attempt,
  counted,
  engine,
  NOW,
  permit,
  type Road,
  roadOf,
  rules,
} from "../../kit/build-request.ts";
import { doctored, type Open } from "../../kit/doctor-record.ts";
import { demoTexts } from "../../policies/demo-set.ts";

/** Without such a one no set can be put in force. */
const activate = `@id("activate") @approvals("sre:1")
permit (
  principal in Sallyport::Group::"operators",
  action == Sallyport::Action::"activate",
  resource
);`;

/** A request's road under one rule that is on record, with the texts it was walked under. */
function recorded(rule: string) {
  const { policies } = rules([rule, activate]);
  const { schema, directory } = demoTexts;
  const [p, s, d] = [policies, schema, directory].map(sha256Hex) as [string, string, string];
  const hashes = { policies: p, schema: s, directory: d, engine: engine.version };
  const hash = configurationHash(hashes);
  const activated = nextEvent(
    emptyTail("CONF"),
    {
      kind: "policy.activated",
      data: {
        texts: hashes,
        tableArn: "arn:aws:dynamodb:us-east-1:111122223333:table/events",
        request: null,
        rules: engine.rulesOf({ policies, schema }),
      },
      values: { reason: "first" },
    },
    {
      actor: { kind: "bootstrap", person: "operator", principal: "1:2" },
      configuration: { seq: 0, hash: "" },
      now: NOW,
      random: counted,
    },
  );
  const road = roadOf(configurationOf(1, hash, { policies, schema, directory }));
  const texts = new Map([
    [hashes.policies, policies],
    [hashes.schema, schema],
    [hashes.directory, directory],
  ]);
  return { road, activated, texts };
}

/** What comes of a decision on record; those of these tests call by principals of nobody. */
function replayOf(
  { road, activated, texts }: ReturnType<typeof recorded>,
  seq: number,
  change: (event: Open) => void = () => {},
): string {
  const events = doctored([activated, ...road.stored], (event, stored) => {
    if (stored.chain !== "CONF" && stored.seq === seq) change(event);
  });
  return said(replayEvent(engine, takenRecord(events, texts), at(events, road, seq)));
}

function at(events: StoredEvent[], road: Road, seq: number): StoredEvent {
  const found = events.find((e) => e.chain === road.stored[0]?.chain && e.seq === seq);
  if (found === undefined) throw new Error("no such event");
  return found;
}

function said(replay: Replay | undefined): string {
  if (replay?.kind === "not_replayed") return replay.why;
  const differences = replay?.kind === "differs" ? replay.differences : [];
  return differences
    .filter(({ what }) => what !== "caller")
    .map(({ what, replayed }) =>
      what === "outcome" && typeof replayed === "string" ? `${what}: ${replayed}` : what,
    )
    .join(", ");
}

describe("a decision made again", () => {
  const pinned = permit("pinned", "none", '@max_duration("1h") @pin("revision")');

  it("is the same, on a pinned revision, and another where another ran", () => {
    const of = recorded(pinned);
    attempt(of.road, "opened");
    expect([1, 2].map((seq) => replayOf(of, seq))).toEqual(["", ""]);
    expect(replayOf(of, 2, ({ leaf }) => void (leaf.data.judged.revision = "arn:other:4"))).toMatch(
      /^outcome: refused: target_changed/,
    );
  });

  it("is judged at the instant on record, and not at one after the event's", () => {
    const of = recorded(permit("both", "payments-leads:1, sre:1"));
    of.road.decide("lead");
    expect(replayOf(of, 2)).toBe("");
    expect(replayOf(of, 2, ({ leaf }) => void (leaf.data.judged.at += 1))).toMatch(
      /before it was decided/,
    );
    expect(replayOf(of, 1, ({ leaf }) => void (leaf.data.judged.at -= 60_000))).toBe("lapsesAt");
  });

  it("is the same whichever digest a new card was made for, and whoever had agreed before", () => {
    const of = recorded(permit("both", "payments-leads:1, sre:1"));
    of.road.decide("lead");
    of.road.decide("sre");
    expect([1, 2, 3].map((seq) => replayOf(of, seq))).toEqual(["", "", ""]);
    expect(replayOf(of, 3, ({ leaf }) => void (leaf.data.grant = null))).toBe("grant");
  });

  it("is not made where a value has gone, its own or what was asked", () => {
    const of = recorded(permit("both", "payments-leads:1, sre:1"));
    of.road.decide("lead");
    const [asked, decided] = of.road.stored;
    if (asked === undefined || decided === undefined) throw new Error("no events");
    const { command: _, ...open } = asked.open;
    const gone = [of.activated, { ...asked, open }, decided];
    const record = takenRecord(gone, of.texts);
    expect(said(replayEvent(engine, record, at(gone, of.road, 1)))).toMatch(/command/);
    expect(said(replayEvent(engine, record, at(gone, of.road, 2)))).toMatch(/has been erased/);
  });

  it("is not made on a chain that has a gap before it, nor of an event that cannot be read", () => {
    const of = recorded(permit("both", "payments-leads:1, sre:1"));
    of.road.decide("lead");
    const [, decided] = of.road.stored;
    if (decided === undefined) throw new Error("no event");
    const gap = takenRecord([of.activated, decided], of.texts);
    expect(said(replayEvent(engine, gap, decided))).toMatch(/does not follow/);
    expect(said(replayEvent(engine, gap, { ...decided, leaf: "{}" }))).toMatch(/format version/);
  });

  it("of an end whose requester had lost the right says where they had not, and where that cannot be told", () => {
    const of = recorded(permit("alone", "none"));
    attempt(of.road, "opened");
    const set = { ...of.road.configuration, seq: 2 };
    const again = nextEvent(
      tailAfter(emptyTail("CONF"), of.activated),
      {
        kind: "policy.activated",
        data: { ...(readEvent(of.activated) as Event & { kind: "policy.activated" }).data },
        values: { reason: "again" },
      },
      {
        actor: { kind: "bootstrap", person: "operator", principal: "1:2" },
        configuration: { seq: 1, hash: set.hash },
        now: NOW,
        random: counted,
      },
    );
    const ended: EventBody = {
      kind: "session.ended",
      data: {
        attempt: 1,
        sessionId: "ecs-execute-command-1",
        cause: "right_lost",
        strength: "ssm-status",
        endedAt: null,
        judged: { at: NOW, groups: ["payments"] },
      },
      values: {},
    };
    of.road.configuration = set;
    of.road.add(ended, "dev");
    const events = [of.activated, again, ...of.road.stored];
    const last = at(events, of.road, 4);
    const record = takenRecord(events, of.texts);
    expect(said(replayEvent(engine, record, last))).toBe(
      "outcome: refused: not_permitted: its requester could still open it",
    );
    const lost: PolicyEngine = {
      ...engine,
      isLost: () => true,
      judge: () => ({ kind: "deny", why: "error", rules: [], errors: [] }),
    };
    expect(said(replayEvent(lost, record, last))).toBe("the rules engine is lost");
  });

  it("of a lock is not made where what stood before it is not there", () => {
    const of = recorded(permit("alone", "none"));
    const by = {
      actor: { kind: "person", person: "sre", principal: "111122223333:AIDASRE" },
      configuration: { seq: 1, hash: of.road.configuration.hash },
      now: NOW,
      random: counted,
    } as const;
    const input = { subject: { kind: "person", id: "dev" }, person: "sre", reason: "r" } as const;
    const more = { durationMinutes: undefined, bodyHash: "b", repeat: undefined };
    const set = (id: string, before: StoredEvent | undefined): StoredEvent => {
      const body = setting(locksOf(before, []), { id, ...input, ...more }, NOW);
      const judged = { at: NOW, groups: ["sre"] };
      const data = { ...body.data, judged };
      return nextEvent(locksOf(before, []).tail, { ...body, data }, by);
    };
    const one = set("one", undefined);
    const two = set("two", one);
    const why = (...events: StoredEvent[]): string =>
      said(replayEvent(engine, takenRecord([of.activated, ...events], of.texts), two));
    // No rule of this set lets anybody lock.
    expect(why(one, two)).toMatch(/^outcome: refused: not_permitted/);
    expect(why(two)).toBe("event LOCK #1 is not there");
    expect(why(set("other", undefined), two)).toBe("it does not follow event LOCK #1");
  });

  it("of rules that came into force says so where they could not, or are others", () => {
    const of = recorded(permit("both", "payments-leads:1, sre:1"));
    const record = takenRecord([of.activated], of.texts);
    expect(replayEvent(engine, record, of.activated)).toEqual({ kind: "same" });
    const [other] = doctored([of.activated], ({ leaf }) => void leaf.data.rules.pop());
    expect(said(other && replayEvent(engine, record, other))).toBe("rules");
    const broken = "permit (principal, action, resource);";
    const [bad] = doctored([of.activated], ({ leaf }) => {
      leaf.data.texts.policies = sha256Hex(broken);
    });
    const texts = new Map([...of.texts, [sha256Hex(broken), broken]]);
    expect(said(bad && replayEvent(engine, takenRecord([], texts), bad))).toMatch(
      /^outcome: refused: activation_invalid/,
    );
  });
});
