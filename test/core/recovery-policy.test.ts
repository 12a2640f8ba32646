import { describe, expect, it } from "vitest";
import { families } from "../../core/event-kinds.ts";
import { recoveryPolicy } from "../../core/recovery-policy.ts";
import { type Asked, allows, eventsTableArn, putting } from "../kit/policy-asked.ts";

const configuration = {
  eventsTableArn,
  viewsTableArn: "arn:aws:dynamodb:us-east-1:111122223333:table/views",
};

describe("recoveryPolicy", () => {
  const mayRecover = (asked: Asked, mayReplay = false): boolean =>
    recoveryPolicy({ ...configuration, mayReplay }).Statement.some((s) => allows(s, asked));

  it("lets whoever restores put a fence on CONF, and no rules, decision or session anywhere", () => {
    expect(mayRecover(putting("CONF", "restored", "open"))).toBe(true);
    expect(mayRecover(putting("REQ#1", "restored"))).toBe(false);
    expect(mayRecover(putting("CONF", "restored", "configured"))).toBe(false);
    for (const family of families.filter((one) => one !== "restored")) {
      for (const chain of ["CONF", "LOCK", "REQ#1", "SLOT#1", "PERSON#1", "GLASS#1", "READ#1"]) {
        expect([chain, family, mayRecover(putting(chain, family))]).toEqual([chain, family, false]);
      }
    }
    expect(mayRecover(putting("TEXT#abc", "text"))).toBe(false);
    expect(mayRecover(putting("SESSION#s", "chain", "seq"))).toBe(false);
  });

  it("lets lost events be put back only where that is configured, each family where it may stand", () => {
    expect(mayRecover(putting("REQ#1", "decided", "open"), true)).toBe(true);
    expect(mayRecover(putting("LOCK", "decided", "open"), true)).toBe(true);
    expect(mayRecover(putting("LOCK", "opened", "open"), true)).toBe(false);
    expect(mayRecover(putting("REQ#1", "decided", "opened"), true)).toBe(false);
  });

  it("lets it change and delete nothing, and assume nobody", () => {
    const actions = recoveryPolicy({ ...configuration, mayReplay: true }).Statement.flatMap(
      (s) => s.Action,
    );
    for (const action of actions) {
      expect(action).toMatch(/^dynamodb:/);
      expect(action).not.toMatch(/\*|Update|Delete|Batch|PartiQL|Policy/);
    }
  });
});
