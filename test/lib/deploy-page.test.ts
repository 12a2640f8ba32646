import { existsSync, readFileSync, rmSync } from "node:fs";
import { Command } from "commander";
import { describe, expect, it } from "vitest";
import { commandList } from "../../cli/command-list.ts";
import type { Start } from "../../cli/start.ts";
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

/** The command of a line as it is typed, with the options it has. */
async function commandOf(words: string[]): Promise<Command | undefined> {
  const [name = "", second] = words;
  const found = commandList.find((one) => one.name === name);
  if (found === undefined) return undefined;
  const command = new Command(name);
  const never = (): never => {
    throw new Error("nothing is run here");
  };
  const start: Start = { command: never, withGateway: never, alone: never };
  (await found.load())(command, start);
  if (command.commands.length === 0 || second === undefined) return command;
  return command.commands.find((one) => one.name() === second);
}

describe.each(["deploy", "operating", "guardrail"])("docs/%s.md", (name) => {
  it("has commands of sallyport typed that there are, with options that they have", async () => {
    const text = readFileSync(new URL(`docs/${name}.md`, root), "utf8");
    const typed = [...text.matchAll(/(?:^\.\/bin\/|`|&& )sallyport ([a-z-]+(?: [^`\n&]+)?)/gm)].map(
      ([, line = ""]) => (line.split(" -- ")[0] ?? "").trim(),
    );
    expect(typed.length).toBeGreaterThan(1);
    for (const line of typed) {
      const words = line.split(/[\s|]+/);
      const command = await commandOf(words);
      expect(command, line).toBeDefined();
      const has = command?.options.map(({ long }) => long);
      for (const word of words.filter((one) => one.startsWith("--"))) {
        expect(has, line).toContain(word);
      }
    }
  });
});
