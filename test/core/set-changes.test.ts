import { describe, expect, it } from "vitest";
import type { Directory, Person, Program } from "../../core/directory.ts";
import { setChanges } from "../../core/set-changes.ts";

const principal = (n: number) => ({ account: "111122223333", uniqueId: `AIDA${n}` });
const dev: Person = {
  kind: "person",
  id: "dev",
  name: "Dev",
  groups: ["payments"],
  principals: [principal(1)],
};
const bot: Program = { ...dev, kind: "program", id: "bot", owners: ["dev"] };

function directory(persons: Person[], programs: Program[] = [], groups = ["payments"]): Directory {
  return { version: 1, groups, persons, programs };
}
const rule = (id: string, textHash: string) => ({ id, text: "", textHash });
const changes = (before: Directory, after: Directory) =>
  setChanges(
    { rules: [rule("a", "1"), rule("b", "1")], directory: before, schema: "s" },
    { rules: [rule("a", "1"), rule("b", "1")], directory: after, schema: "s" },
  );

describe("what a set changes", () => {
  it("names who says in which groups somebody is, for that can be anything", () => {
    const elsewhere = { ...dev, groups: [], groupsFrom: "token" as const };
    expect(changes(directory([dev]), directory([elsewhere]))).toEqual([
      "directory entry dev groups -payments; groups by token, before by directory",
    ]);
    expect(changes(directory([elsewhere]), directory([dev]))).toEqual([
      "directory entry dev groups +payments; groups by directory, before by token",
    ]);
    expect(changes(directory([dev]), directory([dev, { ...elsewhere, id: "new" }]))).toEqual([
      "directory entry new added, in groups by token",
    ]);
  });

  it("is nothing where nothing did", () => {
    expect(changes(directory([dev], [bot]), directory([dev], [bot]))).toEqual([]);
  });

  it("names what of whom comes and goes, for that is what somebody agrees to", () => {
    const moved = { ...dev, name: "D.", groups: ["sre"], principals: [principal(1), principal(2)] };
    expect(changes(directory([dev]), directory([moved]))).toEqual([
      "directory entry dev groups +sre -payments; principals +111122223333:AIDA2; name changed",
    ]);
    const owned = { ...bot, owners: ["dev", "lead"] };
    expect(changes(directory([], [bot]), directory([], [owned]))).toEqual([
      "directory entry bot owners +lead",
    ]);
    const made: Program = { ...bot, id: "dev", owners: [] };
    expect(changes(directory([dev]), directory([], [made]))).toEqual([
      "directory entry dev kind changed",
    ]);
  });

  it("names whoever is new with their groups, and whoever is gone", () => {
    const other = { ...dev, id: "other", groups: [] };
    expect(changes(directory([dev]), directory([other, bot as unknown as Person]))).toEqual([
      "directory entry other added, in no group",
      "directory entry bot added, in payments",
      "directory entry dev removed",
    ]);
  });

  it("says so where only the text is another", () => {
    const twice = { ...dev, groups: ["payments", "payments"] };
    expect(changes(directory([dev]), directory([twice]))).toEqual([
      "directory entry dev is written otherwise",
    ]);
  });

  it("names rules and groups by what they are called, and the schema", () => {
    const before = {
      rules: [rule("a", "1"), rule("b", "1")],
      directory: directory([]),
      schema: "",
    };
    const after = {
      rules: [rule("a", "2"), rule("c", "1")],
      directory: directory([], [], ["sre"]),
      schema: "other",
    };
    expect(setChanges(before, after)).toEqual([
      "rule a changed",
      "rule c added",
      "rule b removed",
      "group sre added",
      "group payments removed",
      "the schema changed",
    ]);
    expect(setChanges(undefined, after)).toEqual([
      "rule a added",
      "rule c added",
      "group sre added",
    ]);
  });
});
