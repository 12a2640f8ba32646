import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { ptyShell } from "./pty-shell.ts";

/*
 * A terminal under a real pty, asked by stty before a process takes it, while it has it, and after that
 * process has ended in one of the ways a process ends.
 */

const terminal = fileURLToPath(new URL("../../cli/terminal.ts", import.meta.url));

/** Takes the terminal, says what stty then sees, and ends as `way` does. */
const program = (way: string): string => `
  import { spawnSync } from "node:child_process";
  import { holdTerminal } from ${JSON.stringify(terminal)};
  const held = holdTerminal(process, () => process.stdout.write("told\\r\\n"));
  const { stdout } = spawnSync("stty", ["-a"], { stdio: ["inherit", "pipe", "inherit"] });
  process.stdout.write("while " + String(stdout).replaceAll(/\\s+/g, " ") + "\\r\\n");
  setInterval(() => {}, 1000);
  process.stdout.write("pid " + process.pid + ";\\r\\n");
  ${way}
`;

/** What a program in the container may have left on is switched off: Node gives back attributes alone. */
const CURSOR_SHOWN = "\u001b[?25h";

/** Node reports it as ever, in lines that begin in the first column again. */
const OOPS = /\r\nError: oops\r\n/;

async function endedBy(way: string, whileHeld: (pid: number) => void = () => {}) {
  const shell = ptyShell(
    `echo "before $(stty -g)"; "$NODE" --input-type=module -e "$PROGRAM"; echo "status $?;"; echo "after $(stty -g)"; echo done`,
    { NODE: process.execPath, PROGRAM: program(way) },
  );
  const [, pid] = await shell.shows(/pid (\d+);/);
  whileHeld(Number(pid));
  await shell.shows(/^done\r?$/m);
  const found = (pattern: RegExp): string | undefined => pattern.exec(shell.screen())?.[1];
  return {
    before: found(/before ([\w:]+)/),
    held: found(/while (.*)/) ?? "",
    after: found(/after ([\w:]+)/),
    status: Number(found(/status (\d+);/)),
    screen: shell.screen(),
  };
}

describe("a terminal that a session has", () => {
  it("is raw, with output passed through, until it is restored, which may be said twice", async () => {
    const { before, held, after, status } = await endedBy(
      "held.restore(); held.restore(); process.exit(0);",
    );
    expect(before).toMatch(/^[0-9a-f]+:/);
    for (const off of ["-icanon", "-isig", "-echo", "-opost", "-ixon"]) expect(held).toContain(off);
    expect(after).toBe(before);
    expect(status).toBe(0);
  });

  it.each([
    ["an exit that nobody announced", "process.exit(7);", 7, /status 7;/],
    ["an exception that nobody caught", "setTimeout(() => { throw new Error('oops'); });", 1, OOPS],
    ["a rejection that nobody handled", "void Promise.reject(new Error('oops'));", 1, OOPS],
  ])("is given back on %s", async (_, way, expected, shown) => {
    const { before, held, after, status, screen } = await endedBy(way);
    expect(held).toContain("-icanon");
    expect(after).toBe(before);
    expect(status).toBe(expected);
    expect(screen).toMatch(shown);
    expect(screen).toContain(CURSOR_SHOWN);
  });

  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
    ["SIGQUIT", 131],
  ] as const)("is given back on %s, of which the process then dies", async (signal, expected) => {
    const { before, held, after, status, screen } = await endedBy("", (pid) =>
      process.kill(pid, signal),
    );
    expect(held).toContain("-icanon");
    expect(screen).toContain("told");
    expect(screen).toContain(CURSOR_SHOWN);
    expect(after).toBe(before);
    expect(status).toBe(expected);
  });
});
