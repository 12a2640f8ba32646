import { describe, expect, it } from "vitest";
import { emptyTail } from "../../core/event.ts";
import { lockedBy, lockingGroups, unlockersElsewhere } from "../../core/locked.ts";
import { LOCK, type Lock } from "../../core/locks.ts";
import { engine, MINUTE, NOW, rules } from "../kit/build-request.ts";

const lock: Lock = {
  id: "01lock",
  subject: { kind: "person", id: "dev" },
  by: "sre",
  at: NOW,
  expiresAt: null,
  release: null,
};

/** What is said to whoever is stopped, where those may lock and unlock. */
function hint(mayLock: readonly string[], expiresAt: number | null = null): string | undefined {
  const permits = mayLock.map(
    (id) =>
      `@id("lock-${id}") permit (principal == Sallyport::Person::"${id}", action == Sallyport::Action::"lock", resource);`,
  );
  const locks = { tail: emptyTail(LOCK), locks: [lock], texts: {} };
  return lockedBy(engine, rules(permits), locks, { ...lock, expiresAt }, NOW).details.hint;
}

describe("what ends a lock, to whoever is stopped by it", () => {
  it("is two persons, by name, each with the same command", () => {
    expect(hint(["lead", "sre"])).toBe(
      "two persons of these unlock it, each with `sallyport unlock 01lock`: lead, sre",
    );
  });

  it("is its time or other rules where fewer than two may, and nobody is sent to unlock it", () => {
    expect(hint(["sre"], NOW + MINUTE)).toBe(
      "only sre may unlock it, and it takes two: it ends at its time, or when the rules or the directory let another",
    );
    expect(hint([])).toBe(
      "nobody may unlock it now: it ends when the rules or the directory let another",
    );
    // The locked one is none of the two.
    expect(hint(["sre", "dev"])).toContain("only sre may unlock it");
  });

  it("is also whoever is in a group that may, where another than the directory says who is", () => {
    const { directory } = rules([]);
    const persons = directory.persons.map((person) =>
      person.id === "sre" ? { ...person, groups: [], groupsFrom: "token" as const } : person,
    );
    const locking = `@id("locks") permit (principal, action == Sallyport::Action::"lock", resource)
when { principal.groups.containsAny(["payments-leads", "sre"]) };`;
    const set = rules([locking], { directory: { ...directory, persons } });
    const { details } = lockedBy(
      engine,
      set,
      { tail: emptyTail(LOCK), locks: [lock], texts: {} },
      lock,
      NOW,
    );
    expect(details.hint).toBe(
      "two persons of these unlock it, each with `sallyport unlock 01lock`: lead, whoever has payments-leads or sre in their token",
    );
    // A lock on one of the groups is not unlocked by those in it.
    const onLeads = { ...lock, subject: { kind: "group" as const, id: "payments-leads" } };
    expect(unlockersElsewhere(onLeads, lockingGroups(engine, set), set.directory)).toEqual({
      groups: ["sre"],
      by: ["token"],
    });
    expect(lockingGroups(engine, rules([locking]))).toEqual([]);
    // That a rule names one of them says nothing of any group.
    const named = `@id("named") permit (principal == Sallyport::Person::"sre", action == Sallyport::Action::"lock", resource);`;
    expect(lockingGroups(engine, rules([named], { directory: { ...directory, persons } }))).toEqual(
      [],
    );
  });
});
