import { isObject } from "../json.ts";

/** The agent's HandshakeRequest for a command without a KMS key: the session's type, nothing else. */
export function handshakeRequest(): Uint8Array {
  return Buffer.from(
    JSON.stringify({
      AgentVersion: "3.3.987.0",
      RequestedClientActions: [
        {
          ActionType: "SessionType",
          ActionParameters: { SessionType: "InteractiveCommands", Properties: null },
        },
      ],
    }),
  );
}

/** Undefined where the client agreed; otherwise why the handshake has failed. */
export function handshakeFailure(payload: Uint8Array): string | undefined {
  let response: unknown;
  try {
    response = JSON.parse(Buffer.from(payload).toString("utf8"));
  } catch {
    return "Handshake response could not be parsed.";
  }
  const actions = isObject(response) ? response["ProcessedClientActions"] : undefined;
  const sessionType: unknown = Array.isArray(actions)
    ? actions.find((action) => isObject(action) && action["ActionType"] === "SessionType")
    : undefined;
  if (!isObject(sessionType)) return "Handshake response has no SessionType.";
  // Anything but 1 aborts: the agent does not ask whether it was refused or not understood.
  if (sessionType["ActionStatus"] === 1) return undefined;
  return `SessionType failed on client with status ${String(sessionType["ActionStatus"])}`;
}

/** The agent's HandshakeComplete; the time is in nanoseconds. */
export function handshakeComplete(tookMs: number): Uint8Array {
  return Buffer.from(
    JSON.stringify({ HandshakeTimeToComplete: Math.round(tookMs * 1e6), CustomerMessage: "" }),
  );
}
