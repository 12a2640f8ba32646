import { describe, expect, test } from "vitest";
import { decodeFrame } from "../../session/frame.ts";
import { connectionLost, endOfOutput, notConnected } from "../../session/session-end.ts";
import { visibleText } from "../../session/visible-text.ts";
import { recordedNamed } from "./recorded-frames.ts";

const end = (output: string) => endOfOutput(visibleText(output, ""));

describe("the text of channel_closed", () => {
  test("an empty one, or a blank one, is a normal end", () => {
    for (const output of ["", "\n\n", "\n----------ERROR-------\n"]) {
      expect(end(output)).toEqual({ kind: "ended" });
    }
  });

  test.each([
    [
      "command_not_startable",
      '\n----------ERROR-------\nUnable to start command: Failed to start pty: exec: "nope": executable file not found in $PATH\n\n',
    ],
    [
      "command_not_startable",
      "\n----------ERROR-------\nUnable to start command: Failed to parse commands input: EOF found when expecting closing quote\n\n",
    ],
    [
      "agent_broken",
      "Plugin with name InteractiveCommands not found. Step name: InteractiveCommands",
    ],
    [
      "log_encryption_check",
      "We couldn't start the session because encryption is not set up on the selected CloudWatch Logs log group. Either encrypt the log group or choose an option to enable logging without encryption.",
    ],
    [
      "log_encryption_check",
      "We couldn't start the session because encryption is not set up on the selected Amazon S3 bucket. Either encrypt the bucket or choose an option to enable logging without encryption.",
    ],
    [
      "log_encryption_check",
      "Couldn't start the session because we are unable to validate encryption on Amazon S3 bucket. Error: AccessDenied",
    ],
    ["inactivity_timeout", "Your session timed out due to inactivity and has been terminated."],
    [
      "handshake_timeout",
      "\n----------ERROR-------\nEncountered error while initiating handshake. Handshake timed out. Please ensure that you have the latest version of the session manager plugin.",
    ],
    [
      "handshake_timeout",
      "\n----------ERROR-------\nEncountered error while initiating handshake. Timed out waiting for encryption challenge.",
    ],
    [
      "kms_data_key",
      "\n----------ERROR-------\nEncountered error while initiating handshake. KMSEncryption failed on client with status 2 error: NoCredentialProviders: no valid providers in chain",
    ],
    [
      "kms_decrypt",
      "\n----------ERROR-------\nEncountered error while initiating handshake. Fetching data key failed: Unable to retrieve data key, Error when decrypting data key AccessDeniedException: not allowed",
    ],
    [
      "kms_decrypt",
      "\n----------ERROR-------\nEncountered error while initiating handshake. InvalidCiphertextException",
    ],
    [
      "handshake_failed",
      "\n----------ERROR-------\nEncountered error while initiating handshake. something else",
    ],
    [
      "agent_reported",
      "encountered an error while creating file /var/lib/x: no space left on device",
    ],
  ])("means %s: %s", (code, output) => {
    const result = end(output);
    expect(result).toMatchObject({ kind: "failed", code });
    if (result.kind !== "failed") return;
    expect(result.text).not.toContain("ERROR---");
    expect(result.text.length).toBeGreaterThan(10);
    expect(result.remedy.length).toBeGreaterThan(10);
  });

  test("the recorded error is understood", () => {
    const { payload } = decodeFrame(recordedNamed("trace/closed-before-start/003").bytes);
    expect(end(JSON.parse(Buffer.from(payload).toString()).Output)).toMatchObject({
      code: "command_not_startable",
      text: 'Unable to start command: Failed to start pty: exec: "nope": executable file not found in $PATH',
    });
  });

  test("a known text within another does not decide what the other means", () => {
    const output = 'encountered an error: exec: "Unable to start command: x"';
    expect(end(output)).toMatchObject({ code: "agent_reported" });
  });
});

describe("a lost connection", () => {
  test("says that the command may still be running, and what the socket said", () => {
    const lost = connectionLost(true, 1006, "gone");
    expect(lost).toMatchObject({ kind: "connection_lost", begun: true, closeCode: 1006 });
    if (lost.kind !== "connection_lost") return;
    expect(lost.text).toContain("code 1006, gone");
    expect(lost.remedy).toContain("may still be running");
  });

  test("before anything came, speaks of the token instead", () => {
    const lost = connectionLost(false, null, "");
    expect(lost).toMatchObject({ begun: false, closeCode: null });
    if (lost.kind !== "connection_lost") return;
    expect(lost.text).not.toContain("()");
    expect(lost.remedy).toContain("token may have been used");
  });
});

test("each way not to get connected has a text that says why", () => {
  expect(notConnected("stream_url_refused", "it is odd").text).toContain("it is odd");
  expect(notConnected("connect_failed", "ECONNREFUSED").text).toContain("ECONNREFUSED");
  expect(notConnected("connect_failed", "").text).not.toContain(":");
  expect(notConnected("connect_timeout", "45 s").text).toContain("45 s");
});
