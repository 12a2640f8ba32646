import { describe, expect, it } from "vitest";
import { type Card, cardDigest, changedFields } from "../../core/card.ts";
import { permit, roadOf, rules } from "../kit/build-request.ts";

const { card } = roadOf(rules([permit("one", "sre:1")])).state();

describe("a card", () => {
  it("has another digest for any other member, and the member's name is told", () => {
    if (card === undefined) throw new Error("no card");
    expect(changedFields(card, structuredClone(card))).toEqual([]);
    for (const name of Object.keys(card)) {
      const other = { ...card, [name]: "changed" } as unknown as Card;
      expect(cardDigest(other)).not.toBe(cardDigest(card));
      expect(changedFields(card, other)).toEqual([name]);
    }
  });
});
