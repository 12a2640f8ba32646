import { describe, expect, it } from "vitest";
import { cardDigest } from "../../core/card.ts";
import { configurationHash } from "../../core/configuration-hash.ts";
import { emptyTail, nextEvent, type StoredEvent, tailAfter } from "../../core/event.ts";
import { verifyChains } from "../../core/verify-chains.ts";
import { counted, NOW, permit, roadOf, rules } from "../kit/build-request.ts";

/* How an export's events stand to the rules' own chain in it. */

const texts = { policies: "p", schema: "s", directory: "d", engine: "e" };
const activation = (
  tail: ReturnType<typeof emptyTail>,
  request: string | null,
  now = NOW,
): StoredEvent =>
  nextEvent(
    tail,
    {
      kind: "policy.activated",
      data: { texts, tableArn: "arn:t", request, rules: [] },
      values: { reason: "first" },
    },
    {
      actor: { kind: "bootstrap", person: "operator", principal: "1:2" },
      configuration: { seq: 0, hash: "" },
      now,
      random: counted,
    },
  );
const first = activation(emptyTail("CONF"), null);
const road = (change: { seq?: number; hash?: string }) =>
  roadOf({ ...rules([permit("one", "sre:1")]), seq: 1, hash: configurationHash(texts), ...change })
    .stored;

describe("events beside the chain of the rules", () => {
  it("verify where they name a set that was in force", () => {
    expect(verifyChains([first, ...road({})]).problems).toEqual([]);
  });

  it.each([[{ seq: 77 }], [{ hash: "0".repeat(64) }]])("do not where they name %j", (change) => {
    expect(verifyChains([first, ...road(change)]).problems).toMatchObject([
      { seq: 1, what: expect.stringContaining("that was not in force") },
    ]);
  });

  it("do not where a later set came into force without having been asked for", () => {
    const second = activation(tailAfter(emptyTail("CONF"), first), null);
    expect(verifyChains([first, second]).problems).toMatchObject([
      { chain: "CONF", seq: 2, what: expect.stringContaining("only the first") },
    ]);
  });

  it("do not where the request a set names did not agree to it", () => {
    const stored = road({});
    const id = stored[0]?.chain.slice(4) ?? "";
    const second = activation(tailAfter(emptyTail("CONF"), first), id);
    expect(verifyChains([first, second, ...stored]).problems).toMatchObject([
      { chain: "CONF", seq: 2, what: expect.stringContaining("did not agree") },
    ]);
  });

  it("do not where a chain goes back in time", () => {
    const [asked] = road({});
    const { commits: _, ...leaf } = JSON.parse(asked?.leaf ?? "") as { [name: string]: unknown };
    expect(leaf["at"]).toBe(NOW);
    const tail = tailAfter(emptyTail("CONF"), first);
    const earlier = activation({ ...tail, at: 0 }, null, NOW - 1);
    expect(verifyChains([first, earlier]).problems).toMatchObject([
      { chain: "CONF", seq: 2, what: "its time is before the event before it" },
    ]);
  });

  describe("with an activation that was asked for", () => {
    const id = "1tz5k7texx4pdk9kp3vg8atqnw";
    const by = (person: string, now = NOW) => ({
      actor: { kind: "person" as const, person, principal: "1:2" },
      configuration: { seq: 1, hash: configurationHash(texts) },
      now,
      random: counted,
    });
    const rule = {
      id: "activate",
      textHash: "",
      needs: [{ group: "sre", count: 1 }],
      maxDurationSeconds: 60,
      maxSessions: 1,
      pin: "none" as const,
    };
    const asked = (wanted: typeof texts): StoredEvent => {
      const card = {
        v: 1 as const,
        kind: "activate" as const,
        requester: { person: "operator", name: "O" },
        policies: wanted.policies,
        schema: wanted.schema,
        directory: wanted.directory,
        changes: [],
        reason: "r",
        rules: [],
      };
      return nextEvent(
        emptyTail(`REQ#${id}`),
        {
          kind: "activation.asked",
          data: { requester: card.requester, texts: wanted, lapsesAt: NOW + 1, rules: [rule] },
          values: { reason: "r", card, digest: cardDigest(card), body: "b" },
        },
        by("operator"),
      );
    };
    const decided = (request: StoredEvent, granted: boolean): StoredEvent =>
      nextEvent(
        tailAfter(emptyTail(`REQ#${id}`), request),
        {
          kind: "decision.approved",
          data: {
            person: "sre",
            groups: ["sre"],
            grant: granted ? { rule: "activate", expiresAt: NOW + 1 } : null,
          },
          values: { digest: JSON.parse(request.open["digest"]?.value ?? "") as string },
        },
        by("sre"),
      );
    const second = activation(tailAfter(emptyTail("CONF"), first), id);

    it("verify where it was agreed to", () => {
      const request = asked(texts);
      const all = [first, second, request, decided(request, true)];
      expect(verifyChains(all).problems).toEqual([]);
    });

    it("do not where it was not, or where other texts were", () => {
      const request = asked(texts);
      const other = asked({ ...texts, policies: "other" });
      for (const all of [
        [first, second, request],
        [first, second, request, decided(request, false)],
        [first, second, other, decided(other, true)],
      ]) {
        expect(verifyChains(all).problems).toMatchObject([{ chain: "CONF", seq: 2 }]);
      }
    });
  });

  it("do not where one request put a set in force twice", () => {
    const tail = tailAfter(emptyTail("CONF"), first);
    const second = activation(tail, "0".repeat(26));
    const third = activation(tailAfter(tail, second), "0".repeat(26));
    expect(verifyChains([first, second]).problems).toEqual([]);
    expect(verifyChains([first, second, third]).problems).toMatchObject([
      { chain: "CONF", seq: 3, what: expect.stringContaining("put a set in force before") },
    ]);
  });

  const fence = (change: object = {}, kind = "recovery" as const): StoredEvent =>
    nextEvent(
      tailAfter(emptyTail("CONF"), first),
      {
        kind: "restore.fence",
        data: {
          texts,
          rules: [],
          tableArn: "arn:other",
          restoredFrom: "arn:t",
          fences: [],
          ends: [],
          ...change,
        },
        values: { reason: "restored" },
      },
      {
        actor: { kind, principal: "1:2:olga" },
        configuration: { seq: 1, hash: configurationHash(texts) },
        now: NOW,
        random: counted,
      },
    );

  it("verify behind a fence that names the table and the rules before it", () => {
    expect(verifyChains([first, fence()]).problems).toEqual([]);
  });

  it.each([
    [{ texts: { ...texts, policies: "q" } }, "puts other rules in force"],
    [{ rules: [{ id: "x", textHash: "y" }] }, "puts other rules in force"],
    [{ restoredFrom: "arn:x" }, "restored from another table"],
    [{ fences: [{ seq: 1, at: NOW }] }, "forgets or invents a fence"],
  ])("do not where a fence says %j", (change, what) => {
    expect(verifyChains([first, fence(change)]).problems).toMatchObject([
      { chain: "CONF", seq: 2, what: expect.stringContaining(what) },
    ]);
  });

  it("do not where a later set forgets a fence, or names another table without one", () => {
    const fenced = fence();
    const tail = tailAfter(tailAfter(emptyTail("CONF"), first), fenced);
    expect(verifyChains([first, fenced, activation(tail, "0".repeat(26))]).problems).toMatchObject([
      { chain: "CONF", seq: 3, what: expect.stringContaining("forgets or invents a fence") },
    ]);
    const elsewhere = nextEvent(
      tailAfter(emptyTail("CONF"), first),
      {
        kind: "policy.activated",
        data: { texts, tableArn: "arn:other", request: "0".repeat(26), rules: [] },
        values: { reason: "r" },
      },
      {
        actor: { kind: "person", person: "operator", principal: "1:2" },
        configuration: { seq: 1, hash: configurationHash(texts) },
        now: NOW,
        random: counted,
      },
    );
    expect(verifyChains([first, elsewhere]).problems).toMatchObject([
      { chain: "CONF", seq: 2, what: expect.stringContaining("only a fence does") },
    ]);
  });

  it("do not where something goes on behind a fence that it had voided", () => {
    const late = road({});
    const opened = verifyChains([first, ...late]).problems;
    expect(opened).toEqual([]);
    const seen = roadOf({
      ...rules([permit("one", "sre:1")]),
      seq: 1,
      hash: configurationHash(texts),
    });
    seen.configuration = { ...seen.configuration, seq: 2 };
    seen.decide("sre");
    expect(verifyChains([first, fence(), ...seen.stored]).problems).toMatchObject([
      { chain: seen.stored[0]?.chain, seq: 2, what: expect.stringContaining("revoked") },
    ]);
  });
});
