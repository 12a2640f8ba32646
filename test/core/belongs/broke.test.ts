import { describe, expect, it } from "vitest";
import { cardDigest, type ExecCard } from "../../../core/card.ts";
import { SallyportError } from "../../../core/errors.ts";
import type { EventBody } from "../../../core/event-kinds.ts";
import { foldRequest } from "../../../core/fold-request.ts";
import {
  brokenBody,
  chainOf,
  GLASS_ID,
  glassState,
  openGlass,
  reviewed,
} from "../../kit/break-glass.ts";
import { callerOf, MINUTE, NOW, permit, roadOf, rules } from "../../kit/build-request.ts";

type Entry = Parameters<typeof chainOf>[1][number];
type Broken = EventBody & { kind: "glass.broken" };
const sound = brokenBody();

/** What the fold says of a chain. */
function found(body: EventBody = sound, ...after: Entry[]): string {
  return foundOf([{ body, as: "sre" }, ...after]);
}
function foundOf(entries: Entry[]): string {
  try {
    const stored = chainOf(`REQ#${GLASS_ID}`, entries);
    return `folded ${foldRequest(GLASS_ID, stored, []).tail.seq}`;
  } catch (error) {
    return error instanceof SallyportError ? error.message.replace(/^.*?: /, "") : String(error);
  }
}
const withData = (change: Partial<Broken["data"]>): Broken => ({
  ...sound,
  data: { ...sound.data, ...change },
});
function withCard(change: Partial<ExecCard>): Broken {
  const card = { ...(sound.values.card as ExecCard), ...change };
  return { ...sound, values: { ...sound.values, card, digest: cardDigest(card) } };
}
const [rule] = sound.data.rules;
if (rule === undefined) throw new Error("no rule");

describe("an event by which the glass was broken", () => {
  it("belongs where its person called and all of it agrees", () => {
    expect(found()).toBe("folded 1");
  });

  it.each<[string, Broken, string]>([
    [
      "in another's name",
      withData({ requester: { person: "lead", name: "Lee Lead" } }),
      "the requester is not who called",
    ],
    ["for longer than was asked", withData({ expiresAt: NOW + 31 * MINUTE }), "longer than what"],
    ["with no end ahead", withData({ expiresAt: NOW }), "longer than what"],
    [
      "for longer than its rule allows",
      withData({ rules: [{ ...rule, maxDurationSeconds: 60 }] }),
      "longer than its rule allows",
    ],
    ["with no review owed", withData({ reviewDueAt: NOW }), "no review is owed within a week"],
    [
      "with one owed in a year",
      withData({ reviewDueAt: NOW + 365 * 24 * 60 * MINUTE }),
      "no review is owed within a week",
    ],
    ["once more than may be", withData({ count: 4 }), "one more than may be"],
    ["before the first", withData({ count: 0 }), "one more than may be"],
    ["counted on another day", withData({ day: "2026-11-23" }), "one more than may be"],
    ["by a rule that is not named", withData({ rule: "other" }), "its rule is not among those"],
    [
      "by a rule that needs somebody",
      withData({ rules: [{ ...rule, needs: [{ group: "sre", count: 1 }] }] }),
      "another target, requester, duration or rule",
    ],
    ["with a card of another command", withCard({ command: "/bin/true" }), "shows another command"],
  ])("does not belong %s", (_, body, why) => {
    expect(found(body)).toContain(why);
  });

  it("does not belong with a card on which nobody could see it", () => {
    const { breakGlass: _, ...card } = sound.values.card as ExecCard;
    const hidden = { ...sound, values: { ...sound.values, card, digest: cardDigest(card) } };
    expect(found(hidden)).toBe("the card does not say that the glass was broken");
  });

  it("does not belong where a program did it", () => {
    const bot = { person: "bot", name: callerOf("bot").name };
    const card = { ...(sound.values.card as ExecCard), requester: bot };
    const body = {
      ...sound,
      data: { ...sound.data, requester: bot },
      values: { ...sound.values, card, digest: cardDigest(card) },
    };
    expect(foundOf([{ body, as: "bot" }])).toBe("no person broke the glass");
  });

  it("T38 is followed by no decision, no new card and no second grant: it cannot extend itself", () => {
    const { digest = "", card, rules: asked } = glassState();
    if (card === undefined) throw new Error("no card");
    const grant = { rule: "glass", expiresAt: NOW + 120 * MINUTE };
    for (const [as, body] of [
      [
        "lead",
        {
          kind: "decision.approved",
          data: { person: "lead", groups: [], grant },
          values: { digest },
        },
      ],
      [
        "lead",
        {
          kind: "request.recarded",
          data: { rules: asked, automatic: ["glass"], fields: [] },
          values: { card, digest },
        },
      ],
      ["sre", brokenBody({ spent: 1 })],
    ] as [string, EventBody][]) {
      expect(found(sound, { body, as })).toMatch(/cannot follow|nobody is asked about/);
    }
  });

  it("is opened by its own rule alone", () => {
    const opening = openGlass();
    expect(found(sound, { body: opening.intent, as: "sre" })).toBe("folded 2");
    const other = { ...opening.intent, data: { ...opening.intent.data, rule: "other" } };
    expect(found(sound, { body: other, as: "sre" })).toBe(
      "it is by another rule than the glass was broken under",
    );
  });
});

describe("a review on record", () => {
  it("belongs where another person gave it, once, and late as well", () => {
    const late = { body: reviewed, as: "lead", at: NOW + 90 * 24 * 60 * MINUTE };
    expect(found(sound, late)).toBe("folded 2");
    expect(found(sound, late, { ...late, as: "lead" })).toBe("it was reviewed already");
  });

  it("does not belong where something could still come after it", () => {
    const end = NOW + 30 * MINUTE;
    const at = (now: number) => found(sound, { body: reviewed, as: "lead", at: now });
    expect(at(end - 1)).toBe("it was not over, and is reviewed afterwards");
    expect(at(end)).toBe("folded 2");
  });

  it("does not belong where the glass was not broken", () => {
    const road = roadOf(rules([permit("one", "payments-leads:1")]));
    road.decide("lead");
    road.add(reviewed, "lead");
    expect(() => road.state()).toThrow("no review is owed");
  });

  it("does not belong where its own requester gave it, or another than is named", () => {
    const at = NOW + 90 * 24 * 60 * MINUTE;
    const own = { ...reviewed, data: { ...reviewed.data, person: "sre" } } as EventBody;
    expect(found(sound, { body: own, as: "sre", at })).toBe(
      "nobody reviews what they did themselves",
    );
    expect(found(sound, { body: reviewed, as: "dev", at })).toBe("the one named is not who called");
  });
});
