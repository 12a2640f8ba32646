import { describe, expect, it } from "vitest";
import type { Caller } from "../../core/caller.ts";
import { releaseLock, setLock } from "../../core/locking.ts";
import { type Lock, type LockSubject, type Locks, locksOf } from "../../core/locks.ts";
import { callerOf, engine, MINUTE, NOW, rules, thrown } from "../kit/build-request.ts";

const locking = `@id("locks") permit (principal, action == Sallyport::Action::"lock", resource)
when { principal.groups.containsAny(["payments-leads", "sre"]) };`;
const set = rules([locking]);

function locked(
  subject: LockSubject,
  release: Lock["release"] = null,
): { locks: Locks; lock: Lock } {
  const lock = { id: "l", subject, by: "operator", at: NOW, expiresAt: null, release };
  const texts = { l: { reason: "because", body: "b" } };
  return { lock, locks: { ...locksOf(undefined, []), locks: [lock], texts } };
}
const bots = { kind: "group", id: "bots" } as const;

function put(as: string, subject: LockSubject, locks = locksOf(undefined, [])) {
  const input = {
    id: "n",
    subject,
    reason: "a leak",
    durationMinutes: 5,
    bodyHash: "b",
    repeat: undefined,
  };
  return setLock(engine, set, locks, callerOf(as), input, NOW);
}

describe("setting a lock", () => {
  it("is on record with the groups of whoever set it, and what stands after it", () => {
    expect(put("lead", bots).data).toMatchObject({
      person: "lead",
      judged: { at: NOW, groups: callerOf("lead").groups },
      locks: [{ id: "n", subject: bots, by: "lead", expiresAt: NOW + 5 * MINUTE }],
    });
  });

  it.each([
    ["whom no rule lets", "dev", bots, undefined, "not_permitted"],
    ["a program", "bot", bots, undefined, "not_permitted"],
    ["who is locked", "lead", bots, locked({ kind: "person", id: "lead" }).locks, "locked"],
    ["who means nobody", "lead", { kind: "person", id: "devv" }, undefined, "body_invalid"],
    ["who means no group", "lead", { kind: "group", id: "robots" }, undefined, "body_invalid"],
  ] as const)("is refused to one %s", (_, as, subject, locks, code) => {
    expect(thrown(() => put(as, subject, locks)).code).toBe(code);
  });
});

describe("releasing a lock", () => {
  const release = (as: string, { locks, lock }: ReturnType<typeof locked>, under = set) =>
    releaseLock(engine, under, locks, lock, callerOf(as), undefined, NOW + 1);
  const byLead = { person: "lead", at: NOW };

  it("takes two, each on record with their groups", () => {
    expect(release("lead", locked(bots))).toMatchObject({
      body: { kind: "lock.release_asked", data: { judged: { groups: callerOf("lead").groups } } },
    });
    expect(release("sre", locked(bots, byLead))).toMatchObject({
      body: { kind: "lock.released", data: { first: "lead", judged: { at: NOW + 1 } } },
    });
    expect(release("lead", locked(bots, byLead))).toEqual({ kind: "repeated" });
  });

  it("begins anew where the first of them could not any more", () => {
    const sreAlone = rules([locking.replace('"payments-leads", ', "")]);
    expect(release("sre", locked(bots, byLead), sreAlone)).toMatchObject({
      body: { kind: "lock.release_asked", data: { person: "sre" } },
    });
  });

  it("takes two of those whose groups another source says, as they were when they asked", () => {
    const { persons } = set.directory;
    const directory = {
      ...set.directory,
      persons: persons.map((person) => ({ ...person, groups: [], groupsFrom: "token" as const })),
    };
    const byTokens = rules([locking], { directory });
    const as = (id: string, ...groups: string[]): Caller => ({
      ...callerOf(id, directory),
      groups,
      groupsFrom: "token",
    });
    const unlock = (who: Caller, { locks, lock }: ReturnType<typeof locked>) =>
      releaseLock(engine, byTokens, locks, lock, who, undefined, NOW);
    const first = unlock(as("lead", "payments-leads"), locked(bots));
    if (first.kind === "repeated") throw new Error("nobody asked before");
    const [asked] = first.body.data.locks;
    expect(asked?.release).toEqual({ person: "lead", at: NOW, groups: ["payments-leads"] });
    const second = locked(bots, asked?.release);
    expect(unlock(as("sre", "sre"), second)).toMatchObject({
      body: { kind: "lock.released", data: { first: "lead" } },
    });
    // A lock on the group they asked in takes the first one's part away.
    second.locks.locks.push({
      ...second.lock,
      id: "m",
      subject: { kind: "group", id: "payments-leads" },
    });
    expect(unlock(as("sre", "sre"), second)).toMatchObject({
      body: { kind: "lock.release_asked", data: { person: "sre" } },
    });
  });

  it("is refused to the one who is locked, to whom no rule lets, and to who is locked otherwise", () => {
    const code = (as: string, lock: ReturnType<typeof locked>): string =>
      thrown(() => release(as, lock)).code;
    expect(code("lead", locked({ kind: "person", id: "lead" }))).toBe("not_permitted");
    expect(code("dev", locked(bots))).toBe("not_permitted");
    const both = locked(bots);
    both.locks.locks.push({ ...both.lock, id: "m", subject: { kind: "person", id: "lead" } });
    expect(code("lead", both)).toBe("locked");
  });
});
