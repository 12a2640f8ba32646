import { describe, expect, it } from "vitest";
import { readAnnotations } from "../../core/annotations.ts";

const exec = { effect: "permit", action: "exec" } as const;
const sound = { id: "glass", break_glass: null, approvals: "none", max_duration: "30m" };

function defects(given: Parameters<typeof readAnnotations>[1]): string[] {
  const read = readAnnotations(exec, given);
  return read.kind === "defects" ? read.defects : [];
}

describe("the annotations of a rule for emergencies", () => {
  it("hold three times a day and a review within a day where nothing else is said", () => {
    expect(readAnnotations(exec, sound)).toMatchObject({
      annotations: { needs: [], breakGlass: { maxPerDay: 3, reviewWithinSeconds: 86_400 } },
    });
    const given = { ...sound, max_per_day: "20", review_within: "2h", pin: "image" };
    expect(readAnnotations(exec, given)).toMatchObject({
      annotations: { pin: "image", breakGlass: { maxPerDay: 20, reviewWithinSeconds: 7_200 } },
    });
  });

  it.each([
    [{ break_glass: "yes" }, "@break_glass has no value"],
    [{ approvals: "sre:1" }, '@break_glass asks nobody beforehand: @approvals("none")'],
    [{ request_ttl: "1h" }, "@request_ttl means nothing with @break_glass"],
    [{ deny_after: "1" }, "@deny_after means nothing with @break_glass"],
    [{ max_per_day: "0" }, '@max_per_day is a count from 1 to 20, such as "3"'],
    [{ max_per_day: "21" }, '@max_per_day is a count from 1 to 20, such as "3"'],
    [{ max_per_day: "1.5" }, '@max_per_day is a count from 1 to 20, such as "3"'],
    [{ max_per_day: null }, '@max_per_day is a count from 1 to 20, such as "3"'],
    [{ review_within: "8d" }, "@review_within is a whole number and s, m, h or d, from 1m to 7d"],
    [{ review_within: null }, "@review_within has no value"],
  ])("refuse %j", (change, detail) => {
    expect(defects({ ...sound, ...change })).toEqual([detail]);
  });

  it("mean nothing on any other rule", () => {
    const { break_glass: _, ...ordinary } = sound;
    expect(defects({ ...ordinary, max_per_day: "3", review_within: "1h" })).toEqual([
      "@max_per_day means nothing without @break_glass",
      "@review_within means nothing without @break_glass",
    ]);
    const activate = { effect: "permit", action: "activate" } as const;
    expect(readAnnotations(activate, { id: "x", approvals: "none", break_glass: null })).toEqual({
      kind: "defects",
      id: "x",
      defects: ["@break_glass means nothing on a permit of this action"],
    });
  });
});
