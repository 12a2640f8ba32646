import { describe, expect, it } from "vitest";
import type { Caller } from "../../core/caller.ts";
import { decide } from "../../core/decide.ts";
import type { Directory } from "../../core/directory.ts";
import { emptyTail } from "../../core/event.ts";
import { extend } from "../../core/extend.ts";
import { bounded, groupsNow } from "../../core/group-source.ts";
import { agreedTo, lockableOf } from "../../core/locked.ts";
import { LOCK, type Locks } from "../../core/locks.ts";
import { outcomeUnder } from "../../core/replay/outcome.ts";
import { mayOpenNow } from "../../core/right-to-open.ts";
import {
  callerOf,
  directoryWith,
  engine,
  MINUTE,
  NOW,
  permit,
  type Road,
  roadOf,
  rules,
  thrown,
} from "../kit/build-request.ts";

/** The demo's directory, which leaves the groups of these to their tokens. */
function byToken(...ids: string[]): Directory {
  const directory = directoryWith({});
  return {
    ...directory,
    persons: directory.persons.map((person) =>
      ids.includes(person.id) ? { ...person, groups: [], groupsFrom: "token" as const } : person,
    ),
  };
}

/** Whose token says so. */
const withToken = (id: string, directory: Directory, ...groups: string[]): Caller => ({
  ...callerOf(id, directory),
  groups,
  groupsFrom: "token",
});

function approve(road: Road, caller: Caller): ReturnType<typeof decide> {
  const { configuration } = road;
  const decided = decide(engine, configuration, road.state(), caller, road.decision(), NOW);
  if (decided.kind === "append") road.add(decided.body, caller.id);
  return decided;
}

const ofLeads = permit("one", "payments-leads:1");
const none: Locks = { tail: emptyTail(LOCK), locks: [], texts: {} };
const lockOf = (group: string): Locks => ({
  ...none,
  locks: [
    {
      id: "l",
      subject: { kind: "group", id: group },
      by: "sre",
      at: NOW,
      expiresAt: null,
      release: null,
    },
  ],
});

describe("groups of another source than the directory", () => {
  const directory = byToken("lead");
  const lead = withToken("lead", directory, "payments-leads", "sre");

  it("give an approval, which says whose word they are and which they all were", () => {
    const road = roadOf(rules([ofLeads], { directory }));
    expect(approve(road, lead)).toMatchObject({
      completes: true,
      body: {
        data: {
          groups: ["payments-leads"],
          judged: { groups: ["payments-leads", "sre"], groupsFrom: "token" },
        },
      },
    });
    // At the open nobody can ask the token again: what was said then counts.
    expect(road.open().rule).toBe("one");
  });

  it("are none where the caller brought none, whatever the directory says of others", () => {
    const road = roadOf(rules([ofLeads], { directory }));
    expect(thrown(() => approve(road, withToken("lead", directory))).code).toBe("not_permitted");
    expect(road.stored).toHaveLength(1);
  });

  it("count no more once there is no such group, or once the directory itself or another source says", () => {
    const changes: ((was: Directory) => Directory)[] = [
      (was) => ({ ...was, groups: was.groups.filter((g) => g !== "payments-leads") }),
      () => directoryWith({ lead: ["sre"] }),
      // An issuer that is believed no more, say: Identity Center says it now.
      (was) => ({
        ...was,
        persons: was.persons.map((person) =>
          person.id === "lead" ? { ...person, groupsFrom: "identity-center" as const } : person,
        ),
      }),
      (was) => ({ ...was, persons: was.persons.filter(({ id }) => id !== "lead") }),
    ];
    for (const change of changes) {
      const road = roadOf(rules([ofLeads], { directory }));
      approve(road, lead);
      road.configuration = rules([ofLeads], { directory: change(directory) });
      expect(["not_approved", "refused_by_rule"]).toContain(thrown(() => road.open()).code);
    }
  });

  it("of the requester are those of the ask, while others decide", () => {
    const own = `@id("team") @approvals("sre:1") @max_duration("1h")
permit (principal in Sallyport::Group::"payments", action == Sallyport::Action::"exec", resource);`;
    const directory = byToken("dev");
    const configuration = rules([own], { directory });
    const road = roadOf(configuration);
    // `roadOf` asks as somebody who brought no groups.
    expect(road.state().stage).toBe("refused");
    const asked = { ...road.state(), stage: "pending" as const, requesterGroups: ["payments"] };
    const { kind, requester } = { kind: "exec" as const, requester: { person: "dev", name: "" } };
    const { resource } = asked;
    const wish = {
      chain: "",
      at: NOW,
      who: "dev",
      groups: ["payments"],
      action: kind,
      resource,
      facts: {
        argc: 1,
        a: { "0": "/bin/ls" },
        line: '["/bin/ls"]',
        argv0: "/bin/ls",
        shell: false,
        has_ticket: false,
      },
      minutes: 5,
    };
    expect(outcomeUnder(engine, configuration, wish).kind).toBe("approval");
    expect(outcomeUnder(engine, configuration, { ...wish, groups: [] }).kind).toBe("refused");
    const gone = { ...directory, groups: directory.groups.filter((g) => g !== "payments") };
    expect(outcomeUnder(engine, rules([own], { directory: gone }), wish).kind).toBe("refused");
    expect(lockableOf({ ...asked, requester }, directory).people).toEqual([
      { id: "dev", groups: ["payments"] },
    ]);
  });

  it("let nobody ask for more time by what they were in when they asked", () => {
    const own = `@id("team") @approvals("none") @max_duration("1h")
permit (principal in Sallyport::Group::"payments", action == Sallyport::Action::"exec", resource);`;
    const before = rules([own]);
    const road = roadOf(before);
    expect(road.state()).toMatchObject({ stage: "approved", requesterGroups: ["payments"] });
    const directory = byToken("dev");
    const after = rules([own], { directory });
    const wish = { minutes: 5, reason: "more", bodyHash: "0".repeat(64), repeat: undefined };
    const more = (...groups: string[]) =>
      extend(engine, after, road.state(), withToken("dev", directory, ...groups), wish, NOW);
    expect(more("payments").data.grant).not.toBeNull();
    expect(thrown(() => more()).code).toBe("refused_by_rule");
  });

  it("are those a lock on a group looks at: of the request, of who agreed, and of the very call", () => {
    const directory = byToken("dev", "lead");
    const configuration = rules([ofLeads], { directory });
    const road = roadOf(configuration);
    approve(road, withToken("lead", directory, "payments-leads", "sre"));
    expect(agreedTo(road.state(), directory)).toEqual([
      { id: "lead", groups: ["payments-leads", "sre"] },
    ]);
    const open = (locks: Locks) =>
      mayOpenNow(
        engine,
        configuration,
        road.state(),
        withToken("dev", directory, "payments"),
        locks,
        NOW + MINUTE,
      );
    expect(() => open(none)).not.toThrow();
    expect(thrown(() => open(lockOf("payments"))).code).toBe("locked");
  });
});

describe("bounded and groupsNow", () => {
  it("know a group by all its letters, and once", () => {
    const groups = ["sre", "payments"];
    expect(bounded(["payments", "sre", "sre", "SRE", "sre ", "payments sre"], { groups })).toEqual([
      "payments",
      "sre",
    ]);
  });

  it("take the directory's word over what was said then, and nobody's for nobody", () => {
    expect(groupsNow({ groups: ["sre"] }, ["payments"])).toEqual(["sre"]);
    expect(groupsNow({ groups: [], groupsFrom: "identity-center" }, ["sre"])).toEqual(["sre"]);
    expect(groupsNow({ groups: [], groupsFrom: "token" }, undefined)).toEqual([]);
    expect(groupsNow(undefined, ["sre"])).toEqual([]);
  });
});
