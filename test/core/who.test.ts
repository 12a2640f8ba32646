import { describe, expect, it } from "vitest";
import { factsOf } from "../../core/facts.ts";
import { whoCould } from "../../core/who.ts";
import { emergency } from "../kit/break-glass.ts";
import { directoryWith, engine, permit, rules } from "../kit/build-request.ts";
import { demoDirectory, target } from "../policies/demo-set.ts";

const resource = target("service", "demo", "payments-api");
const facts = factsOf(["/bin/ls"], { ticket: false, windows: false });
const could = (configuration: ReturnType<typeof rules>, on = resource) =>
  whoCould(engine, configuration, on, facts);

describe("who could ask, and who could approve", () => {
  it("is each person and program by each rule, in order, whom the engine permits", () => {
    const set = rules([permit("a", "none"), permit("b", "sre:1")]);
    const ids = [...demoDirectory.persons, ...demoDirectory.programs].map(({ id }) => id);
    expect(could(set).map(({ who, rule }) => `${who} ${rule}`)).toEqual(
      ids.toSorted().flatMap((id) => [`${id} a`, `${id} b`]),
    );
    expect(could(set).find(({ rule }) => rule === "a")).toMatchObject({
      automatic: true,
      needs: [],
      reachable: true,
    });
    const forbidden = rules([permit("a", "none")], {
      approve: '@id("no") forbid (principal, action, resource);',
    });
    expect(could(forbidden)).toEqual([]);
  });

  it("names who could break the glass, which no program may, beside who could ask", () => {
    const rows = could(rules([permit("a", "none"), emergency("glass")]));
    const ids = (list: readonly { id: string }[]) => list.map(({ id }) => id).toSorted();
    const by = (breakGlass: boolean) => rows.filter((row) => row.breakGlass === breakGlass);
    expect(by(true).map(({ who, rule }) => [who, rule])).toEqual(
      ids(demoDirectory.persons).map((id) => [id, "glass"]),
    );
    expect(by(false).map(({ who, rule }) => [who, rule])).toEqual(
      ids([...demoDirectory.persons, ...demoDirectory.programs]).map((id) => [id, "a"]),
    );
  });

  it("never counts somebody for their own request, nor an owner for their program's", () => {
    const directory = directoryWith({ sre: ["sre"], lead: ["sre"] });
    const [bot] = directory.programs;
    if (bot === undefined) throw new Error("no program");
    const owned = { ...directory, programs: [{ ...bot, owners: ["lead"] }] };
    const rows = could(rules([permit("b", "sre:1")], { directory: owned }));
    const approvers = (who: string) => rows.find((row) => row.who === who)?.needs[0]?.approvers;
    expect(approvers("dev")).toEqual(["lead", "sre"]);
    expect(approvers("sre")).toEqual(["lead"]);
    expect(approvers(bot.id)).toEqual(["sre"]);
  });

  it("counts nobody of a group whom no rule lets approve", () => {
    const directory = directoryWith({ auditor: ["auditors"] });
    const [row] = could(rules([permit("b", "auditors:1")], { directory }));
    expect(row?.needs).toEqual([{ group: "auditors", count: 1, approvers: [] }]);
    expect(row?.reachable).toBe(false);
  });

  it("says where distinct persons are too few, though each group has somebody", () => {
    const directory = directoryWith({
      sre: ["sre", "payments-leads"],
      lead: [],
      dev: ["payments"],
    });
    const set = rules([permit("b", "payments-leads:1, sre:1")], { directory });
    const row = could(set).find(({ who }) => who === "dev");
    expect(row?.needs.map((need) => need.approvers)).toEqual([["sre"], ["sre"]]);
    expect(row?.reachable).toBe(false);
  });

  it("fills a rule's groups from the target's tags, and has nobody where that cannot be done", () => {
    const set = rules([permit("b", "{team}-leads:1")]);
    expect(could(set)[0]?.needs[0]?.group).toBe("payments-leads");
    expect(could(set, target("service", "demo", "payments-api", {}))).toEqual([]);
  });
});
