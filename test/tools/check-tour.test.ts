import { describe, expect, it } from "vitest";
import { checkTour, type Exists, leastFiles, pathsIn } from "../../tools/check-tour.ts";

const names = Array.from({ length: leastFiles }, (_, index) => `core/step-${index}.ts`);
const tree = new Map<string, "file" | "folder">([
  ...names.map((name): [string, "file"] => [name, "file"]),
  ["core/", "folder"],
  ["core", "folder"],
]);
const exists: Exists = (path) => tree.get(path);
const tour = names.map((name) => `Then \`${name}\` runs.`).join("\n");

describe("checkTour", () => {
  it("accepts a tour whose every file is there", () => {
    expect(checkTour(`${tour}\nAll in \`core/\`.`, exists)).toEqual([]);
  });

  it("names each file that is gone, and no other", () => {
    const text = `${tour}\n\`core/gone.ts\`, [a link](../adapters/gone.ts) and \`core/gone.ts\` again`;
    expect(checkTour(text, exists)).toEqual([
      "core/gone.ts is named and is not there",
      "adapters/gone.ts is named and is not there",
    ]);
  });

  it("names a folder that is gone", () => {
    expect(checkTour(`${tour}\n\`emulator/pty/\``, exists)).toEqual([
      "emulator/pty/ is named and is not there",
    ]);
  });

  it("refuses a tour that names nothing", () => {
    expect(checkTour("Follow the code.", exists)).toEqual([
      `it names 0 files that exist; a tour names at least ${leastFiles}`,
    ]);
  });

  it("counts distinct files: neither repeats nor folders make a tour", () => {
    const few = `${names
      .slice(1)
      .map((name) => `\`${name}\` \`${name}\``)
      .join(" ")} \`core/\``;
    expect(checkTour(few, exists)).toEqual([
      `it names ${leastFiles - 1} files that exist; a tour names at least ${leastFiles}`,
    ]);
  });

  it("refuses a pattern, which would be checked by nobody", () => {
    expect(checkTour(`${tour}\n\`lambdas/*/handler.ts\` \`core/{a,b}.ts\``, exists)).toEqual([
      "lambdas/*/handler.ts is a pattern, which cannot be checked: name each file",
      "core/{a,b}.ts is a pattern, which cannot be checked: name each file",
    ]);
  });
});

describe("pathsIn", () => {
  it.each([
    ["a code span", "see `core/a.ts`", ["core/a.ts"]],
    ["a code span over two lines", "see `node\ncore/a.ts`", ["core/a.ts"]],
    ["a file at the root", "see `package.json`", ["package.json"]],
    ["a line number", "see `core/a.ts:12:3`", ["core/a.ts"]],
    ["a word of a command", "run `./bin/sallyport exec demo`", ["bin/sallyport"]],
    ["a folder without a slash at its end", "in `lambdas/chain`", ["lambdas/chain"]],
    [
      "a link, from docs/",
      "[a](../core/a.ts#L3) [b](decisions/1.md)",
      ["core/a.ts", "docs/decisions/1.md"],
    ],
    ["a link whose text is code", "[`core/a.ts`](../core/b.ts)", ["core/a.ts", "core/b.ts"]],
    ["an image", "![picture](demo.svg 'title')", ["docs/demo.svg"]],
    ["a link definition", "[a]: ../core/a.ts", ["core/a.ts"]],
    ["a code block", "```sh\nnode tools/a.ts\n```\n", ["tools/a.ts"]],
    ["a diagram", "```\n cli/a.ts ──► api/b.ts\n```\n", ["cli/a.ts", "api/b.ts"]],
  ])("finds %s", (_title, text, paths) => {
    expect(pathsIn(text)).toEqual(paths);
  });

  it.each([
    ["a route", "`GET /v1/requests/{id}`"],
    ["an address", "[a](https://example.com/core/a.ts) `http://127.0.0.1:7070/core`"],
    ["an ARN", "`arn:aws:ecs:us-east-1:111122223333:task/demo/abc.ts`"],
    ["an action", "`ecs:ExecuteCommand`"],
    ["an event", "`session.opened`"],
    ["a state file", "`.sallyport/credentials` `~/.config/sallyport/config.json`"],
    ["a package", "`@aws-sdk/client-ecs`"],
    ["a path in a container", "`/bin/sh`"],
    ["an anchor", "[a](#core)"],
    ["prose", "core/a.ts, without backticks"],
  ])("takes %s for no path", (_title, text) => {
    expect(pathsIn(text)).toEqual([]);
  });
});
