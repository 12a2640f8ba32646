import { describe, expect, it } from "vitest";
import { commandLine } from "../command-line.ts";

/** What a mistyped line is answered, without what repeats the identity. */
async function hintsOf(...argv: string[]): Promise<string> {
  const { run, folder, sent } = commandLine(() => ({ body: {} }));
  const { exitCode, stdout, stderr } = await run(...argv);
  expect([exitCode, stdout, sent]).toEqual([2, "", []]);
  return stderr.replaceAll(` --as dev --state ${folder}`, "");
}

describe("a mistyped line", () => {
  it.each([
    [["shwo"], "hint: did you mean show?", "`sallyport --help`"],
    [["exec", "--raeson", "x"], "hint: did you mean --reason?", "`sallyport exec --help`"],
    [["policy"], "no command is given", "`sallyport policy --help`"],
    [["policy", "explain", "x"], "--who", "`sallyport policy explain --help`"],
    [["approve"], "`sallyport ls --approver me`", "`sallyport approve --help`"],
    [["deny"], "`sallyport ls --approver me`", "`sallyport deny --help`"],
    [["attach"], "`sallyport ls --mine`", "`sallyport attach --help`"],
    [["exec", "api", "ls"], "goes after --", "`sallyport exec --help`"],
    [["ls", "x"], "too many arguments", "`sallyport ls --help`"],
    [["ls", "--mine", "--requester", "x"], "different people", "`sallyport ls --help`"],
  ])("%j is told what was meant, and whose help there is", async (argv, meant, help) => {
    const said = await hintsOf(...argv);
    expect(said).toContain(meant);
    expect(said).toMatch(new RegExp(`hint: ${help}\\n$`));
  });

  it("is told which letter no id has", async () => {
    const said = await hintsOf("show", "nope");
    expect(said).toContain("not the id of a request: nope: no id has o in it");
    expect(said).toContain("`sallyport ls` lists them");
    expect(await hintsOf("show", "0".repeat(27))).toContain("it has 27 characters");
  });

  it("is answered with commands that can be pasted: the same gateway, the same identity", async () => {
    const { run, folder } = commandLine(() => ({ body: { items: [], asOf: "" } }));
    expect((await run("show", "abc")).stderr).toContain(
      `hint: \`sallyport --as dev --state ${folder} ls\` lists those you may see`,
    );
  });

  it("asks for the version where that is what it says", async () => {
    const { run } = commandLine(() => ({ body: {} }));
    const { exitCode, stdout } = await run("--version");
    expect([exitCode, stdout]).toEqual([0, "1.2.3\n"]);
  });
});
