import { describe, expect, it } from "vitest";
import { Failure } from "../../cli/failure.ts";
import { createOutput, type Io } from "../../cli/output.ts";
import { statusOf } from "../../cli/run-session.ts";
import { connectionLost, endOfOutput, notConnected } from "../../session/session-end.ts";

const output = { json: false, info() {} };

function failureOf(...[end]: [Parameters<typeof statusOf>[0]]): Failure {
  try {
    statusOf(end, output);
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error("it did not fail");
}

describe("the end of a session", () => {
  it("is 0 where the agent gave no reason", () => {
    expect(statusOf({ kind: "ended" }, output)).toBe(0);
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

  it("is 1 where it was let go, and says that it may run on", () => {
    expect(failureOf({ kind: "stopped" })).toMatchObject({
      exitCode: 1,
      hint: expect.stringContaining("may run on"),
    });
  });
});
