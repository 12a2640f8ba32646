import { describe, expect, it } from "vitest";
import type { LockView } from "../../api/response-schemas.ts";
import { type After, endOfSession } from "../../cli/end-of-session.ts";
import { Failure } from "../../cli/failure.ts";
import { createOutput, type Io } from "../../cli/output.ts";
import { connectionLost, endOfOutput, notConnected } from "../../session/session-end.ts";
import { lockView } from "./lock-of-anybody.ts";

const output = { json: false, info() {} };

const after: After = {
  now: Date.UTC(2026, 0, 1, 12),
  expiresAt: Date.UTC(2026, 0, 1, 12, 30),
  again: "sallyport exec demo/reports:app --reason 'a stuck queue'",
  look: "sallyport show 01",
};

function failureOf(...[end]: [Parameters<typeof endOfSession>[0]]): Failure {
  try {
    endOfSession(end, output, after);
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error("it did not fail");
}

describe("the end of a session", () => {
  it("is 0 where the agent gave no reason, and says where it is on record and how to ask again", () => {
    const lines: string[] = [];
    const info = (line: string | { shown: string }) =>
      lines.push(typeof line === "string" ? line : line.shown);
    endOfSession({ kind: "ended" }, { json: false, info }, after);
    expect(lines).toEqual([
      "the session ended: its command has exited, or was ended from outside",
      `on record: ${after.look}`,
      `the same again: ${after.again}`,
    ]);
    expect(endOfSession({ kind: "ended" }, output, after)).toBe(0);
  });

  it("is 1 with the agent's words and what to do where it gave one", () => {
    const end = endOfOutput("Unable to start command: Failed to start pty: no such file");
    expect(failureOf(end)).toMatchObject({
      exitCode: 1,
      message: expect.stringContaining("no such file"),
      hint: expect.stringContaining("exists in this image"),
    });
    expect(failureOf(notConnected("connect_timeout", "45 s")).exitCode).toBe(1);
  });

  it.each([
    [true, 125],
    [false, 124],
  ])(
    "where the connection was lost (begun: %s) is %i, and says that it cannot be rejoined",
    (begun, exitCode) => {
      expect(failureOf(connectionLost(begun, 1006, ""))).toMatchObject({
        exitCode,
        hint: expect.stringContaining("cannot be rejoined yet"),
      });
    },
  );

  it.each([
    ["failed", endOfOutput("pty \\u{1b}[2J gone")],
    ["lost", connectionLost(true, 1006, "\\u{1b}[2J gone")],
  ])("shows what was escaped where it came in as it stands, and not twice: %s", (_, end) => {
    const lines: string[] = [];
    const stream = { write: (text: string) => lines.push(text) } as unknown as Io["stderr"];
    createOutput({ stdout: stream, stderr: stream }, { json: false }).error(failureOf(end));
    expect(lines[0]).toContain("\\u{1b}[2J gone");
    expect(lines.join("")).not.toContain("\u001b");
  });

  it("is 123 where the gateway cut it, and says why", () => {
    const cut = { ...after, cut: { why: "its time was over" } };
    const fail = () => endOfSession({ kind: "ended" }, output, cut);
    expect(fail).toThrow("the session was cut: its time was over");
    expect(fail).toThrow(expect.objectContaining({ exitCode: 123 }));
  });

  it("by a lock says until when that stands and who ends it, and not to ask again meanwhile", () => {
    const lock = lockView({ subject: { kind: "service", id: "reports" }, reason: "a leak" });
    const hintOf = (more: Partial<LockView>) => {
      const cut = { why: "service reports was locked: a leak", lock: { ...lock, ...more } };
      try {
        endOfSession({ kind: "ended" }, output, { ...after, cut });
      } catch (error) {
        return (error as Failure).hint;
      }
      return undefined;
    };
    const open = hintOf({});
    expect(open).toContain("it stands until it is unlocked; two of these unlock it: lead, sre");
    expect(open).not.toContain("ask again");
    expect(hintOf({ expiresAt: "NOON" })).toContain("it stands until NOON;");
  });

  it("of what the glass was broken for is followed by breaking it again, and by no ordinary request", () => {
    const of = (again: string | undefined) => () =>
      endOfSession({ kind: "stopped" }, output, { ...after, again, isBreakGlass: true });
    expect(of("sallyport break-glass demo/reports:app")).toThrow(
      expect.objectContaining({
        hint: expect.stringContaining("break the glass again: sallyport break-glass demo/reports"),
      }),
    );
    expect(of(undefined)).toThrow(
      expect.objectContaining({ hint: expect.not.stringContaining("exec`") }),
    );
  });

  it("is 1 where it was let go, and says until when it runs on", () => {
    const { exitCode, hint } = failureOf({ kind: "stopped" });
    expect(exitCode).toBe(1);
    expect(hint).toContain("runs on in the container until its command exits");
    expect(hint).toContain("until ECS ends it at 2026-01-01T12:20:00Z");
    expect(hint).toContain("the gateway ends it by 2026-01-01T12:31:10Z");
    expect(hint).toContain(`ask again: ${after.again}`);
  });
});
