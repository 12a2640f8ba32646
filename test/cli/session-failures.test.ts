import { expect, it } from "vitest";
import { endOfSession } from "../../cli/end-of-session.ts";
import { Failure } from "../../cli/failure.ts";
import { createOutput } from "../../cli/output.ts";
import { endOfOutput } from "../../session/session-end.ts";
import { visibleText } from "../../session/visible-text.ts";

const after = { now: 0, expiresAt: 0, again: undefined, look: "" };

const handshake = "\n----------ERROR-------\nEncountered error while initiating handshake. ";

/** What ECS only says once the session has been answered, as a person reads it. */
function printed(output: string): string {
  let text = "";
  const stream = { write: (line: string) => void (text += line) } as never;
  const out = createOutput({ stdout: stream, stderr: stream }, { json: false });
  try {
    endOfSession(endOfOutput(visibleText(output, "")), out, after);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    out.error(error);
    return text;
  }
  throw new Error("it did not fail");
}

it.each([
  [
    '\n----------ERROR-------\nUnable to start command: Failed to start pty: exec: "nope": executable file not found in $PATH\n\n',
    '"nope": executable file not found in $PATH',
    "exists in this image",
  ],
  ["Plugin with name InteractiveCommands not found.", "not found", "disk or /tmp is full"],
  [
    "We couldn't start the session because encryption is not set up on the selected CloudWatch Logs log group.",
    "encryption is not set up",
    "logs:DescribeLogGroups",
  ],
  [
    `${handshake}KMSEncryption failed on client with status 2 error: no valid providers`,
    "failed on client",
    "kms:GenerateDataKey",
  ],
  [`${handshake}InvalidCiphertextException`, "InvalidCiphertext", "kms:Decrypt"],
  [`${handshake}Handshake timed out.`, "timed out", "15 seconds"],
  ["Your session timed out due to inactivity", "inactivity", "20 minutes"],
])("a session that fails after it began says why and what to do: %j", (output, why, remedy) => {
  const [error, hint, next, ...more] = printed(output).trimEnd().split("\n");
  expect(error).toContain("sallyport: error: the session failed: ");
  expect(error).toContain(why);
  expect(hint).toContain("sallyport: hint: ");
  expect(hint).toContain(remedy);
  expect(next).toBe("sallyport: hint: to go on, ask again: `sallyport exec`");
  expect(more).toEqual([]);
});
