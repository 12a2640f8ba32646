import { describe, expect, it } from "vitest";
import { runnable, typedAgain, wayBack } from "../../cli/typed-again.ts";

const typed = (globalOptions: { [name: string]: string | true }, program = "sallyport") => ({
  program,
  globalOptions,
});

describe("a command line to go on with", () => {
  it("is of the same gateway and identity, and of nothing else that was typed", () => {
    expect(typedAgain(typed({ as: "dev", state: "/tmp/s", json: true }), "attach", "abc")).toBe(
      "sallyport --as dev --state /tmp/s attach abc",
    );
    expect(typedAgain(typed({ profile: "prod", region: "eu-west-1" }), "cancel", "abc")).toBe(
      "sallyport --profile prod --region eu-west-1 cancel abc",
    );
  });

  it("is taken by a shell for what it was", () => {
    expect(typedAgain(typed({ state: "it's here; rm -rf" }, "./my bin/sallyport"), "ls")).toBe(
      "'./my bin/sallyport' --state 'it'\\''s here; rm -rf' ls",
    );
  });

  it("quotes a word that zsh would look up", () => {
    expect(typedAgain(typed({}), "exec", "--reason", "=ls", "a=b")).toBe(
      "sallyport exec --reason '=ls' a=b",
    );
  });

  it("goes on with a request, or takes it back: one line for each", () => {
    expect(wayBack(typed({ as: "dev" }, "./bin/sallyport"), "abc")).toEqual([
      "come back with: ./bin/sallyport --as dev attach abc",
      "withdraw it with: ./bin/sallyport --as dev cancel abc",
    ]);
  });
});

describe("a text that names commands", () => {
  const mine = typed({ as: "dev", state: "my state" }, "./bin/sallyport");

  it("calls this program as the person did, wherever it stands in backticks", () => {
    expect(runnable(mine, "`sallyport ls` lists them; sallyport is a name; `sallyport`")).toBe(
      "`./bin/sallyport --as dev --state 'my state' ls` lists them; sallyport is a name; `./bin/sallyport --as dev --state 'my state'`",
    );
    expect(runnable(typed({}), "`sallyport show ID`, `sallyporter`")).toBe(
      "`sallyport show ID`, `sallyporter`",
    );
  });

  it("stays as it is where it holds a line to be pasted", () => {
    const line = typedAgain(mine, "exec", "api", "--reason", "see `sallyport ls`");
    expect(runnable(mine, `ask again: ${line}`)).toBe(`ask again: ${line}`);
  });
});
