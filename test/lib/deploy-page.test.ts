import { existsSync, readFileSync, rmSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { configurationJsonSchema } from "../../lib/deployment-configuration.ts";
import { exampleConfigurations, synthesizedExample } from "../kit/synthesized-example.ts";

/** docs/deploy.md held to what there is: a name in it that is of nothing would stop somebody half way. */
const root = new URL("../../", import.meta.url);
const page = readFileSync(new URL("docs/deploy.md", root), "utf8");
const rows = (heading: string): string[] =>
  (page.split(heading)[1] ?? "")
    .trimStart()
    .split("\n\n")
    .find((block) => block.startsWith("|"))
    ?.split("\n")
    .slice(2) ?? [];
const codesIn = (text: string): string[] =>
  [...text.matchAll(/`([^`]+)`/g)].map(([, code]) => code ?? "");

describe("docs/deploy.md", () => {
  it("says of fields that there are, and leads to every example but those of a row", () => {
    const { properties } = configurationJsonSchema() as { properties: { [name: string]: object } };
    const cells = rows("What to set, for where you are:").map((row) => row.split("|"));
    expect(cells.length).toBeGreaterThan(4);
    const fields = cells.flatMap(([, , set = ""]) => codesIn(set));
    const values = ["people", "programs"];
    for (const field of fields.filter((name) => !values.includes(name))) {
      expect(Object.keys(properties), field).toContain(field);
    }
    const examples = cells.flatMap(([, , , example = ""]) => codesIn(example));
    expect(examples.toSorted()).toEqual(exampleConfigurations.map((name) => `examples/${name}`));
  });

  it("says what to do with every output of the stack", () => {
    const { outdir, templates } = synthesizedExample("minimal.json");
    try {
      const [file = ""] = templates;
      const { Outputs: outputs } = JSON.parse(readFileSync(file, "utf8")) as { Outputs: object };
      const named = rows("The stack's outputs:").flatMap((row) => codesIn(row.split("|")[1] ?? ""));
      expect(named.toSorted()).toEqual(Object.keys(outputs).toSorted());
    } finally {
      rmSync(outdir, { recursive: true, force: true });
    }
  });

  it("names scripts and modules that there are", () => {
    const { scripts } = JSON.parse(readFileSync(new URL("package.json", root), "utf8")) as {
      scripts: { [name: string]: string };
    };
    const run = [...page.matchAll(/npm run ([a-z:]+)/g)].map(([, name]) => name);
    expect(run.length).toBeGreaterThan(1);
    for (const name of run) expect(Object.keys(scripts)).toContain(name);
    const modules = [...page.matchAll(/["`]sallyport\/([a-z-]+)["`]/g)].map(([, name]) => name);
    expect(modules.length).toBeGreaterThan(2);
    for (const name of modules)
      expect(existsSync(new URL(`lib/${name}.ts`, root)), name).toBe(true);
  });
});
