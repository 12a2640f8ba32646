import { describe, expect, it } from "vitest";
import { decidable } from "../../cli/decidable.ts";
import { extensionLines } from "../../cli/extension-view.ts";
import { denialLines, lacksText } from "../../cli/lacks-view.ts";
import { request } from "./requests-of-anybody.ts";

const lead = { group: "leads", count: 1, step: 1, persons: ["lead"] };
const sre = { group: "sre", count: 1, step: 2, persons: ["sre"] };
const rule = { id: "r", textHash: "", needs: [], lacks: [lead, sre], automatic: false };
const waits = {
  number: 1,
  status: "pending" as const,
  minutes: 10,
  reason: "not\u001bdone",
  askedAt: "",
  from: "2026-11-24T08:50:00.000Z",
  until: "2026-11-24T09:00:00.000Z",
  digest: "ab",
  rules: [rule],
  decisions: [],
};

describe("what there is to decide", () => {
  it("is the request while it is pending, and more time under it once that is asked for", () => {
    expect(decidable(request({ digest: "cd" }))).toMatchObject({
      digest: "cd",
      isExtension: false,
    });
    const approved = request({ status: "approved", digest: "cd", extensions: [waits] });
    expect(decidable(approved)).toMatchObject({ digest: "ab", isExtension: true });
    const done = request({ status: "approved", extensions: [{ ...waits, status: "granted" }] });
    expect(decidable(done)).toBeUndefined();
  });

  it("is said in the order of the rule, and how many have denied", () => {
    expect(lacksText({ rules: [rule] }).shown).toBe("1 of leads, then 1 of sre");
    const denied = { person: "x", decision: "deny" as const, at: "", counts: true };
    const of = { rules: [{ ...rule, denyAfter: 2 }], decisions: [denied] };
    expect(denialLines(of).map(({ shown }) => shown)).toEqual([
      "denied by 1 of the 2 persons it takes",
    ]);
  });

  it("shows more time with nothing in it that a terminal would act on", () => {
    const [line] = extensionLines({ extensions: [waits] });
    expect(line?.shown).toContain("extension 1 of 10 minutes");
    expect(line?.shown).not.toContain("\u001b");
  });
});
