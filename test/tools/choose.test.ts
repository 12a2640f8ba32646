import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { choose } from "../../tools/choose.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

describe("choose", () => {
  const all = ["open", "open a shell", "ask"].map((name) => ({ name }));
  const names = (...args: [string[] | undefined, "whole" | "parts"]) => {
    const found = choose(all, ...args);
    return "error" in found ? found.error : found.chosen.map(({ name }) => name);
  };

  it("takes those that are named, wholly or in part, and all where no word is given", () => {
    expect(names(["open"], "whole")).toEqual(["open"]);
    expect(names(["open"], "parts")).toEqual(["open", "open a shell"]);
    expect(names(undefined, "whole")).toEqual(["open", "open a shell", "ask"]);
  });

  it.each<[string[], "whole" | "parts"]>([
    [["opne"], "whole"],
    [["opne"], "parts"],
    [["ask", "opne"], "parts"],
    [["open "], "whole"],
    [[""], "parts"],
  ])("knows no %j (%s), and names the nearest", (words, by) => {
    expect(names(words, by)).toMatch(/^nothing is called ".*"; nearest are .*"open"/);
  });

  it("never takes none", () => {
    expect(choose([], undefined, "whole")).toEqual({ error: "there is nothing to run" });
    expect(names([], "whole")).toBe("there is nothing to run");
  });
});

describe("a run of nothing", () => {
  it.each([
    [["test/faults.ts", "--path", "opne"], 'nothing is called "opne"; nearest are "'],
    [["tools/mutants.ts", "--only", "typo"], 'nothing is called "typo"; nearest are "'],
    [["test/model.ts", "--runs", "0"], "no run shows nothing"],
  ])("node %j is an error", (argv, said) => {
    const ran = spawnSync(process.execPath, argv, { cwd: root, encoding: "utf8" });
    expect([ran.status, ran.stdout, ran.stderr]).toEqual([2, "", expect.stringContaining(said)]);
  });
});
