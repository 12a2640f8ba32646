import { describe, expect, it } from "vitest";
import type { Configuration, PolicyEngine } from "../../core/policy-engine.ts";
import { rightToStay } from "../../core/right-to-stay.ts";
import {
  attempt,
  directoryWith,
  engine,
  NOW,
  permit,
  roadOf,
  rules,
} from "../kit/build-request.ts";
import { demoDirectory } from "../policies/demo-set.ts";

const team = `@id("team") @approvals("payments-leads:1") @max_duration("1h")
permit (principal in Sallyport::Group::"payments", action == Sallyport::Action::"exec", resource);`;

/** What was opened under the first set, by an approval of `lead`. */
function opened(texts = [team]) {
  const road = roadOf(rules(texts));
  road.decide("lead");
  attempt(road, "opened");
  const state = road.state();
  const [live] = state.attempts;
  if (live === undefined) throw new Error("nothing was opened");
  return { state, live };
}

function stay(now: Configuration, policy: PolicyEngine = engine) {
  const { state, live } = opened();
  return rightToStay(policy, now, state, live, NOW + 1);
}

const forbid = (more: string) =>
  `@id("no") forbid (principal, action == Sallyport::Action::"exec", resource)${more};`;
const later = (texts: string[], change: Parameters<typeof rules>[1] = {}) =>
  rules(texts, { seq: 2, ...change });
const without = (id: string) => ({
  ...demoDirectory,
  persons: demoDirectory.persons.filter((person) => person.id !== id),
});

describe("the right to stay in a session", () => {
  it.each([
    ["of somebody else's were added", later([team, permit("other", "sre:2")])],
    ["forbid something else", later([team, forbid(" when { context.shell }")])],
    ["have another rule that the approval satisfies", later([permit("new", "payments-leads:1")])],
    ["are the same, and somebody else has left", later([team], { directory: without("sre") })],
    [
      "are the same, and a group was added",
      later([team], { directory: directoryWith({ dev: ["payments", "sre"] }) }),
    ],
  ])("is kept where the rules %s", (_, set) => {
    expect(stay(set)).toEqual({ kind: "kept" });
  });

  it("is by the groups it was opened in, where the directory leaves those to another source", () => {
    const elsewhere = {
      ...demoDirectory,
      persons: demoDirectory.persons.map((person) =>
        person.id === "dev" ? { ...person, groups: [], groupsFrom: "token" as const } : person,
      ),
    };
    expect(stay(later([team], { directory: elsewhere }))).toEqual({ kind: "kept" });
    const gone = { ...elsewhere, groups: elsewhere.groups.filter((g) => g !== "payments") };
    expect(stay(later([team], { directory: gone }))).toEqual({
      kind: "lost",
      judged: { at: NOW + 1, groups: [], groupsFrom: "token" },
    });
  });

  it.each([
    ["its rule is gone", later([])],
    ["its command is forbidden", later([team, forbid(' when { context.argv0 == "/bin/ls" }')])],
    ["its group was left", later([team], { directory: directoryWith({ dev: [] }) })],
    ["it is too long", later([team.replace("1h", "10m")])],
    ["it takes more approvals than were given", later([team.replace("leads:1", "leads:1, sre:1")])],
    ["whose approval it takes has left", later([team], { directory: without("lead") })],
    // A missing tag: nobody can say who has to agree.
    ["a rule of it cannot be evaluated", later([team, permit("broken", "{owner}-leads:1")])],
  ])("is lost where %s", (_, set) => {
    const groups = set.directory.persons.find(({ id }) => id === "dev")?.groups;
    expect(stay(set)).toEqual({ kind: "lost", judged: { at: NOW + 1, groups } });
  });

  it("is lost to whoever has left the directory, who is in no groups", () => {
    const set = later([team], { directory: without("dev") });
    expect(stay(set)).toEqual({ kind: "lost", judged: { at: NOW + 1, groups: [] } });
  });

  it("is not judged anew under the set it was opened under, or an older one", () => {
    expect(stay(rules([]))).toEqual({ kind: "kept" });
    expect(stay(rules([], { seq: 0 }))).toEqual({ kind: "kept" });
  });

  it("is judged on the tags that its target had when it was opened", () => {
    const { state, live } = opened();
    const set = later([
      `${team.slice(0, -1)}
when { resource.hasTag("team") && resource.getTag("team") == "payments" };`,
    ]);
    const other = { ...live, resource: { ...live.resource, tags: { team: "other" } } };
    expect(rightToStay(engine, set, state, live, NOW).kind).toBe("kept");
    expect(rightToStay(engine, set, state, other as typeof live, NOW).kind).toBe("lost");
  });

  it("is nobody's to judge while the engine is lost, which denies everything", () => {
    const lost: PolicyEngine = {
      ...engine,
      isLost: () => true,
      judge: () => ({ kind: "deny", why: "error", rules: [], errors: ["lost"] }),
    };
    expect(stay(later([team]), lost)).toEqual({ kind: "unjudged" });
    // For this no engine is needed.
    expect(stay(later([team], { directory: without("dev") }), lost).kind).toBe("lost");
  });
});
