import { describe, expect, it } from "vitest";
import { configurationHash } from "../../core/configuration-hash.ts";
import { emptyTail, nextEvent, type StoredEvent, tailAfter } from "../../core/event.ts";
import { verifyChains } from "../../core/verify-chains.ts";
import { counted, NOW, permit, roadOf, rules } from "../kit/build-request.ts";

/* How an export's events stand to the rules' own chain in it. */

const texts = { policies: "p", schema: "s", directory: "d", engine: "e" };
const activation = (tail: ReturnType<typeof emptyTail>, request: string | null): StoredEvent =>
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
      now: NOW,
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
});
