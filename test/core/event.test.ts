import { describe, expect, it } from "vitest";
import { canonicalJson } from "../../core/canonical-json.ts";
import { sha256Hex } from "../../core/digest.ts";
import { emptyTail, LEAF_LIMIT_BYTES, nextEvent, readEvent, tailAfter } from "../../core/event.ts";
import { type EventBody, type EventKind, eventKinds, families } from "../../core/event-kinds.ts";
import { counted, NOW, permit, roadOf, rules, thrown } from "../kit/build-request.ts";

const cancelled = (comment: string, person = "dev"): EventBody => ({
  kind: "request.cancelled",
  data: { person },
  values: { comment },
});
const by = (now: number) => ({
  actor: { kind: "person" as const, person: "dev", principal: "1:2" },
  configuration: { seq: 1, hash: "h" },
  now,
  random: counted,
});

describe("nextEvent", () => {
  it("hashes the leaf before it, and is read as it was made", () => {
    const one = nextEvent(emptyTail("REQ#x"), cancelled("a"), by(NOW));
    const two = nextEvent(tailAfter(emptyTail("REQ#x"), one), cancelled("b"), by(NOW));
    expect(readEvent(one)).toMatchObject({ seq: 1, prev: "0".repeat(64), ...cancelled("a") });
    expect(readEvent(two)).toMatchObject({ seq: 2, prev: sha256Hex(one.leaf) });
    expect(one.nonce).not.toBe(two.nonce);
  });

  it("T81 is never before the event in front of it", () => {
    const one = nextEvent(emptyTail("REQ#x"), cancelled("a"), by(NOW));
    const two = nextEvent(tailAfter(emptyTail("REQ#x"), one), cancelled("b"), by(NOW - 60_000));
    expect(readEvent(two).at).toBe(NOW);
  });

  it("keeps what may be erased out of the leaf, under one salt for a field of a chain", () => {
    const one = nextEvent(emptyTail("REQ#x"), cancelled("s3cret"), by(NOW));
    const two = nextEvent(tailAfter(emptyTail("REQ#x"), one), cancelled("s3cret"), by(NOW));
    const elsewhere = nextEvent(emptyTail("REQ#y"), cancelled("s3cret"), by(NOW));
    expect(one.leaf).not.toContain("s3cret");
    expect(two.open["comment"]).toEqual(one.open["comment"]);
    expect(readEvent(elsewhere).commits).not.toEqual(readEvent(one).commits);
    expect(readEvent({ ...one, open: {} }).values).toEqual({});
  });

  it("refuses a leaf over the limit in bytes", () => {
    const of = (n: number) => nextEvent(emptyTail("REQ#x"), cancelled("", "é".repeat(n)), by(NOW));
    const room = Math.floor((LEAF_LIMIT_BYTES - of(0).leaf.length) / 2);
    expect(of(room).seq).toBe(1);
    expect(thrown(() => of(room + 1)).code).toBe("event_too_large");
  });
});

const kinds = Object.keys(eventKinds) as EventKind[];

describe("readEvent", () => {
  it.each(kinds)("reads %s under its own family alone", (kind) => {
    const { family: own, chains } = eventKinds[kind];
    for (const chain of chains) {
      // What a kind says is not read here: its form is that of the leaf.
      const body = { kind, data: {}, values: {} } as unknown as EventBody;
      const event = nextEvent(emptyTail(`${chain}#x`), body, by(NOW));
      expect(readEvent(event).kind).toBe(kind);
      for (const family of families) {
        if (family === own) continue;
        expect(thrown(() => readEvent({ ...event, family })).code, family).toBe("record_corrupt");
      }
    }
  });

  it("refuses a kind on a chain that is not its own", () => {
    const stray = nextEvent(emptyTail("CONF"), cancelled("a"), by(NOW));
    expect(thrown(() => readEvent(stray)).code).toBe("record_corrupt");
    const prefix = nextEvent(emptyTail("REQX#1"), cancelled("a"), by(NOW));
    expect(thrown(() => readEvent(prefix)).code).toBe("record_corrupt");
  });

  it.each(["", "null", "[]", "7", "{}", '{"v":1}', "{not json"])("refuses the leaf %j", (leaf) => {
    const [event] = roadOf(rules([permit("one", "sre:1")])).stored;
    if (event === undefined) throw new Error("no event");
    expect(thrown(() => readEvent({ ...event, leaf })).code).toBe("record_corrupt");
  });

  it.each([
    { v: 2 },
    { kind: "session.recorded" },
    { region: "us-east-1" },
    { actor: { kind: "robot", principal: "1:2" } },
  ])("does not guess at what a later version wrote: %j", (change) => {
    const [event] = roadOf(rules([permit("one", "sre:1")])).stored;
    if (event === undefined) throw new Error("no event");
    const leaf = canonicalJson({ ...JSON.parse(event.leaf), ...change });
    expect(thrown(() => readEvent({ ...event, leaf })).code).toBe("sealed");
  });
});
