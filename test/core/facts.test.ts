import { describe, expect, it } from "vitest";
import { checkCommand, factsOf, MAX_COMMAND_BYTES, POSITIONS } from "../../core/facts.ts";

const linux = { ticket: false, windows: false };

describe("factsOf", () => {
  it("gives each word by its position and all of them as one line", () => {
    expect(factsOf(["/bin/cat", "/tmp/a b", ""], { ticket: true, windows: false })).toEqual({
      argc: 3,
      a: { "0": "/bin/cat", "1": "/tmp/a b", "2": "" },
      line: '["/bin/cat","/tmp/a b",""]',
      argv0: "/bin/cat",
      shell: false,
      has_ticket: true,
    });
  });

  it("gives different words different lines, where joined text would be equal", () => {
    const line = (...words: string[]) => factsOf(words, linux).line;
    expect(line("cat", "/tmp/a b")).not.toBe(line("cat", "/tmp/a", "b"));
    expect(line("cat", '","')).not.toBe(line("cat", "", ""));
  });

  it("counts every word, and shows those by position that the schema has names for", () => {
    const facts = factsOf(
      Array.from({ length: 100 }, (_, i) => String(i)),
      linux,
    );
    expect(facts.argc).toBe(100);
    expect(Object.keys(facts.a)).toHaveLength(POSITIONS);
    expect(JSON.parse(facts.line)).toHaveLength(100);
  });

  it("takes every command of a Windows task for a shell", () => {
    expect(factsOf(["ipconfig"], { ticket: false, windows: true }).shell).toBe(true);
  });
});

describe("checkCommand", () => {
  it("splits a sound command and judges it", () => {
    const checked = checkCommand("/bin/cat '/tmp/a b'", linux);
    expect(checked).toMatchObject({ kind: "ok", words: ["/bin/cat", "/tmp/a b"] });
  });

  it("hands a Windows command over whole, quotes and all", () => {
    const checked = checkCommand('cmd /c "dir', { ticket: false, windows: true });
    expect(checked).toMatchObject({
      kind: "ok",
      words: ['cmd /c "dir'],
      facts: { argc: 1, argv0: 'cmd /c "dir', shell: true },
    });
  });

  it.each([
    ["", /empty/],
    ["   ", /empty/],
    ["# nothing", /comment/],
    ["echo 'a", /quote .* at 5/],
    ["echo \\", /backslash/],
    ["a\0b", /NUL/],
    ["a\uD800b", /surrogate/],
    ["'' a", /the program, is empty/],
  ])("refuses %j at /command", (command, detail) => {
    expect(checkCommand(command, linux)).toEqual({
      kind: "invalid",
      issue: { pointer: "/command", detail: expect.stringMatching(detail) },
    });
  });

  it.each(["", " ", "a\0", "a\uD800"])("refuses %j for Windows as well", (command) => {
    const checked = checkCommand(command, { ticket: false, windows: true });
    expect(checked.kind).toBe("invalid");
  });

  it("counts bytes, not characters", () => {
    const euro = "€".repeat(Math.floor(MAX_COMMAND_BYTES / 3));
    expect(checkCommand(euro, linux).kind).toBe("ok");
    expect(checkCommand(`${euro}€`, linux)).toMatchObject({
      kind: "invalid",
      issue: { detail: expect.stringContaining("8192 bytes") },
    });
    expect(checkCommand("a".repeat(MAX_COMMAND_BYTES), linux).kind).toBe("ok");
    expect(checkCommand("a".repeat(MAX_COMMAND_BYTES + 1), linux).kind).toBe("invalid");
  });

  it.each([
    "echo {{ssm:/prod/password}}",
    "{{ ssm:x }} -c id",
    "echo {{ssm-secure:x:3}}",
    "echo {{ command }}",
    "echo '{{cluster}}'",
  ])("refuses %j, which the agent would replace before it runs it", (command) => {
    for (const windows of [false, true]) {
      expect(checkCommand(command, { ticket: false, windows })).toMatchObject({
        kind: "replaced",
        issue: { pointer: "/command", detail: expect.stringContaining("{{") },
      });
    }
  });

  it.each(["docker inspect -f '{{.State.Pid}}' x", "echo {{", "echo '{{range .}}'"])(
    "lets %j through, which no agent replaces",
    (command) => {
      expect(checkCommand(command, linux).kind).toBe("ok");
    },
  );
});
