import { describe, expect, test } from "vitest";
import { decodeFrame } from "../../session/frame.ts";
import { answerHandshake } from "../../session/handshake.ts";
import { recordedNamed } from "./recorded-frames.ts";

const VERSION = "1.2.0.0";
const request = (actions: unknown) =>
  Buffer.from(JSON.stringify({ AgentVersion: "3.3.987.0", RequestedClientActions: actions }));
const sessionType = (type: unknown) => ({
  ActionType: "SessionType",
  ActionParameters: { SessionType: type, Properties: null },
});

function answer(payload: Uint8Array) {
  const { response, refusal } = answerHandshake(payload, VERSION);
  return { response: JSON.parse(Buffer.from(response).toString()), refusal };
}

describe("the answer to a handshake request", () => {
  test("is byte for byte the session-manager-plugin's for a shell session", () => {
    const asked = decodeFrame(recordedNamed("trace/handshake-shell/004").bytes);
    const said = decodeFrame(recordedNamed("trace/handshake-shell/006").bytes);
    const { response, refusal } = answerHandshake(asked.payload, VERSION);
    expect(Buffer.from(response)).toEqual(Buffer.from(said.payload));
    expect(refusal).toBeUndefined();
  });

  test("is byte for byte the session-manager-plugin's for an unknown session type, which is refused", () => {
    const asked = decodeFrame(recordedNamed("trace/bad-session-type/002").bytes);
    const { response, refusal } = answer(asked.payload);
    expect(response.ProcessedClientActions).toEqual([
      {
        ActionType: "SessionType",
        ActionStatus: 2,
        ActionResult: null,
        Error: "Failed to process action SessionType: Unknown session type NotAType",
      },
    ]);
    expect(refusal).toMatchObject({ kind: "failed", code: "handshake_failed" });
  });

  test("refuses port forwarding, which is no shell", () => {
    const asked = decodeFrame(recordedNamed("trace/port-terminate-flag/002").bytes);
    const { response, refusal } = answer(asked.payload);
    expect(response.ProcessedClientActions[0].ActionStatus).toBe(2);
    expect(refusal?.code).toBe("handshake_failed");
  });

  test("refuses a key with status 2 and says so, in the order asked", () => {
    const asked = decodeFrame(recordedNamed("trace/interactive-kms/006").bytes);
    const { response, refusal } = answer(asked.payload);
    expect(
      response.ProcessedClientActions.map(
        ({ ActionType, ActionStatus }: { ActionType: string; ActionStatus: number }) =>
          `${ActionType} ${ActionStatus}`,
      ),
    ).toEqual(["SessionType 1", "KMSEncryption 2"]);
    expect(response.ProcessedClientActions[1].ActionResult).toBeNull();
    expect(response.Errors).toEqual([response.ProcessedClientActions[1].Error]);
    expect(response.Errors[0]).toContain("no data key provider");
    expect(refusal?.code).toBe("kms_not_supported");
  });

  test("answers an action it does not know with status 3", () => {
    const asked = decodeFrame(recordedNamed("trace/unknown-action/002").bytes);
    const { response, refusal } = answer(asked.payload);
    expect(response.ProcessedClientActions[1]).toEqual({
      ActionType: "Bogus",
      ActionStatus: 3,
      ActionResult: null,
      Error: "Unsupported action Bogus",
    });
    expect(refusal).toMatchObject({ code: "handshake_failed" });
    expect(refusal?.text).toContain("Unsupported action Bogus");
  });

  test.each([["Standard_Stream"], ["InteractiveCommands"], ["NonInteractiveCommands"]])(
    "agrees to %s",
    (type) => {
      const { response, refusal } = answer(request([sessionType(type)]));
      expect(response).toEqual({
        ClientVersion: VERSION,
        ProcessedClientActions: [
          { ActionType: "SessionType", ActionStatus: 1, ActionResult: null, Error: "" },
        ],
        Errors: null,
      });
      expect(refusal).toBeUndefined();
    },
  );

  test.each([
    ["no JSON", Buffer.from("{")],
    ["no object", Buffer.from("[]")],
    ["no actions", Buffer.from("{}")],
    ["actions that are no list", request({ ActionType: "SessionType" })],
    ["more actions than an agent has", request(Array(17).fill(sessionType("Standard_Stream")))],
    ["no UTF-8", Buffer.from([0xff, 0xfe])],
    [
      "JSON without end",
      Buffer.from(
        JSON.stringify({
          RequestedClientActions: [sessionType("Standard_Stream")],
          padding: "x".repeat(300_000),
        }),
      ),
    ],
    ["a list nested without end", Buffer.from("[".repeat(200_000))],
  ])(
    "fails the session if the request is %s, since no action at all would be consent",
    (_, bytes) => {
      const { response, refusal } = answer(bytes);
      expect(response.ProcessedClientActions).toHaveLength(1);
      expect(response.ProcessedClientActions[0].ActionStatus).toBe(2);
      expect(refusal?.code).toBe("handshake_failed");
    },
  );

  test.each([
    ["null", null],
    ["a text", "SessionType"],
    ["an action without a name", {}],
    ["a session type that is a list", sessionType(["InteractiveCommands"])],
    ["no parameters", { ActionType: "SessionType" }],
    ["__proto__", JSON.parse('{"__proto__":{"ActionType":"SessionType"}}')],
  ])("refuses %s as an action", (_, action) => {
    const { response, refusal } = answer(request([action]));
    expect(response.ProcessedClientActions[0].ActionStatus).not.toBe(1);
    expect(refusal?.code).toBe("handshake_failed");
  });

  test("does not repeat more than 64 characters of a name", () => {
    const { response } = answer(request([{ ActionType: "x".repeat(10_000) }]));
    expect(JSON.stringify(response).length).toBeLessThan(500);
  });
});
