import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cardSchema } from "../../api/card-schemas.ts";
import { cardLines, oddities } from "../../cli/card-view.ts";
import type { AnyCard } from "../../core/card.ts";
import { activationCards, anyText, card, execCards, extensionCards } from "./cards.ts";
import { UNSEEN } from "./command-line.ts";

const seed = Number(process.env["SEED"] ?? Date.now() & 0x7fffffff);
const cards: fc.Arbitrary<AnyCard> = fc.oneof(execCards, activationCards, extensionCards);
const textOf = (shownCard: AnyCard): string =>
  cardLines(shownCard)
    .map(({ shown }) => shown)
    .join("\n");

type Path = (string | number)[];

/** Every place in a card that holds no object and no list; `kind` alone says which card it is. */
function leaves(value: unknown, at: Path = []): Path[] {
  if (value === null || typeof value !== "object") return at.join() === "kind" ? [] : [at];
  return Object.entries(value).flatMap(([name, below]) => leaves(below, [...at, name]));
}

function lists(value: unknown, at: Path = []): Path[] {
  if (value === null || typeof value !== "object") return [];
  const own = Array.isArray(value) && value.length > 0 ? [at] : [];
  return [...own, ...Object.entries(value).flatMap(([name, below]) => lists(below, [...at, name]))];
}

function withChange(whole: AnyCard, path: Path, change: (value: unknown) => unknown): AnyCard {
  const copy = structuredClone(whole) as unknown as { [name: string]: unknown };
  let holder = copy;
  for (const name of path.slice(0, -1)) holder = holder[name] as typeof holder;
  const last = path.at(-1) as string;
  holder[last] = change(holder[last]);
  return copy as unknown as AnyCard;
}

function other(value: unknown, path: Path, text: string, number: number): unknown {
  if (path.join(".") === "target.kind") return value === "task" ? "service" : "task";
  if (typeof value === "boolean") return !value;
  if (typeof value === "number") return value + 1 + number;
  if (value === null) return text;
  return text === value ? `${text}x` : text;
}

describe(`a card as it is shown (seed ${seed})`, () => {
  it("gives another text when any one leaf has another value", () => {
    fc.assert(
      fc.property(cards, fc.nat(), anyText, fc.nat(), (whole, pick, text, number) => {
        const all = leaves(whole);
        const path = all[pick % all.length] as Path;
        const changed = withChange(whole, path, (value) => other(value, path, text, number));
        expect(textOf(changed), path.join(".")).not.toBe(textOf(whole));
      }),
      { seed, numRuns: 500 },
    );
  });

  it("answers who, why, what, where, how long and who else before pins and hashes", () => {
    const names = cardLines(card).map(({ shown }) => shown.trim().split(/ {2,}/)[0] ?? "");
    const at = (name: string): number => names.indexOf(name);
    const first = ["requester", "reason", "command", "shell", "service", "container", "duration"];
    const last = ["runtime id", "revision", "image", "rule 1 text"];
    expect([...first, "rule 1 needs", ...last].filter((name) => at(name) < 0)).toEqual([]);
    expect(Math.max(...first.map(at))).toBeLessThan(at("rule 1 needs"));
    expect(at("rule 1 needs")).toBeLessThan(Math.min(...last.map(at)));
    expect(first.map(at)).toEqual(first.map(at).toSorted((a, b) => a - b));
  });

  it("gives another text when a list is one shorter", () => {
    fc.assert(
      fc.property(cards, fc.nat(), (whole, pick) => {
        const all = lists(whole);
        fc.pre(all.length > 0);
        const path = all[pick % all.length] as Path;
        const changed = withChange(whole, path, (value) => (value as unknown[]).slice(0, -1));
        expect(textOf(changed), path.join(".")).not.toBe(textOf(whole));
      }),
      { seed, numRuns: 300 },
    );
  });

  it("gives another text when a value that was given becomes null", () => {
    fc.assert(
      fc.property(
        execCards,
        fc.constantFrom("taskArn", "pinnedImage", "serviceArn"),
        (whole, name) => {
          fc.pre(whole.target[name as "taskArn"] !== null);
          const changed = withChange(whole, ["target", name], () => null);
          expect(textOf(changed)).not.toBe(textOf(whole));
        },
      ),
      { seed, numRuns: 200 },
    );
  });

  it("has a line for each value, and nothing in it that a terminal would act on", () => {
    fc.assert(
      fc.property(cards, (whole) => {
        for (const { shown } of [...cardLines(whole), ...oddities(whole)]) {
          expect(shown).not.toMatch(UNSEEN);
          expect(shown).not.toContain("\n");
        }
      }),
      { seed, numRuns: 200 },
    );
  });

  it("knows every member that the schema lets through", () => {
    expect(cardSchema.parse(card)).toEqual(card);
    expect(cardSchema.safeParse({ ...card, unknown: 1 }).success).toBe(false);
    const nested = { ...card, target: { ...card.target, unknown: 1 } };
    expect(cardSchema.safeParse(nested).success).toBe(false);
  });

  it("T47 warns of a word that mixes alphabets and of characters that do not show", () => {
    const deceiving = { ...card, command: "c\u0430t x", reason: "a\u202eb" };
    expect(oddities(deceiving).map(({ shown }) => shown)).toEqual([
      "the command mixes alphabets in one word",
      "the reason holds characters that do not show as themselves",
    ]);
    expect(oddities(card)).toEqual([]);
  });
});
