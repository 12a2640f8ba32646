import { describe, expect, it } from "vitest";
import {
  handshakeComplete,
  handshakeFailure,
  handshakeRequest,
} from "../../../emulator/message-gateway/handshake.ts";
import { recorded } from "../../session/recorded-frames.ts";

const parsed = (bytes: Uint8Array): unknown => JSON.parse(Buffer.from(bytes).toString("utf8"));
const answered = (response: unknown) => handshakeFailure(Buffer.from(JSON.stringify(response)));
const actions = (...all: unknown[]) => answered({ ProcessedClientActions: all });

describe("the handshake", () => {
  it("asks for the session's type, and for nothing of encryption", () => {
    const request = parsed(handshakeRequest());
    expect(request).toMatchObject({
      AgentVersion: expect.stringMatching(/^\d+(\.\d+){3}$/),
      RequestedClientActions: [
        { ActionType: "SessionType", ActionParameters: { SessionType: "InteractiveCommands" } },
      ],
    });
  });

  it("tells how long it took in nanoseconds", () => {
    expect(parsed(handshakeComplete(1.5))).toEqual({
      HandshakeTimeToComplete: 1_500_000,
      CustomerMessage: "",
    });
  });

  const responses = recorded.filter(
    ({ name, opcode }) => name.includes("HandshakeResponse") && opcode === "binary (0x2)",
  );
  it("agrees with every answer that the official client gave to such a question", () => {
    expect(responses.length).toBeGreaterThan(0);
    for (const { bytes } of responses) {
      const payload = bytes.subarray(bytes.readUInt32BE(0) + 4);
      const { ProcessedClientActions: all } = parsed(payload) as {
        ProcessedClientActions: { ActionType: string; ActionStatus: number }[];
      };
      const agreed = all.some((a) => a.ActionType === "SessionType" && a.ActionStatus === 1);
      expect(handshakeFailure(payload) === undefined).toBe(agreed);
    }
  });

  it("goes on only where the session's type was agreed to", () => {
    expect(actions({ ActionType: "SessionType", ActionStatus: 1 })).toBeUndefined();
    expect(
      actions(
        { ActionType: "Other", ActionStatus: 3 },
        { ActionType: "SessionType", ActionStatus: 1 },
      ),
    ).toBeUndefined();
  });

  it.each([2, 3, 0, "1", null, undefined])("fails at a status of %j", (status) => {
    expect(actions({ ActionType: "SessionType", ActionStatus: status })).toBe(
      `SessionType failed on client with status ${String(status)}`,
    );
  });

  it.each<[unknown]>([
    [{ ProcessedClientActions: [] }],
    [{ ProcessedClientActions: [null, "SessionType", { ActionType: "Other", ActionStatus: 1 }] }],
    [{ ProcessedClientActions: { ActionType: "SessionType", ActionStatus: 1 } }],
    [{}],
    [null],
    [[]],
    ["SessionType"],
  ])("fails at %j, which names no type", (response) => {
    expect(answered(response)).toBe("Handshake response has no SessionType.");
  });

  it.each(["", "{", "\u0000"])("fails at %j, which is no JSON", (text) => {
    expect(handshakeFailure(Buffer.from(text))).toBe("Handshake response could not be parsed.");
  });
});
