import { jsonPayload, members, textMember } from "./json-payload.ts";
import type { SessionEnd } from "./session-end.ts";
import { encodeUtf8 } from "./utf8.ts";

/** The agent's numbers for what became of an action; it ends the session on any but success. */
const SUCCESS = 1;
const FAILED = 2;
const UNSUPPORTED = 3;

const SHELL_SESSIONS = new Set([
  "Standard_Stream",
  "InteractiveCommands",
  "NonInteractiveCommands",
]);
/** The agent asks for two actions at most. */
const MOST_ACTIONS = 16;
const LONGEST_NAME = 64;

interface ProcessedAction {
  ActionType: string;
  ActionStatus: number;
  ActionResult: null;
  Error: string;
}

/** What to answer, and, if the answer refuses, how the session will end. The text repeats the agent's words. */
export interface HandshakeAnswer {
  response: Uint8Array;
  refusal: (SessionEnd & { kind: "failed" }) | undefined;
}

/**
 * Answers a HandshakeRequest payload. The type of the session is agreed to if it is a shell's. An encrypted
 * session is refused with status 2, since the data key would have to come from KMS; an action we do not
 * know with status 3 (where the session-manager-plugin sends 0); a request that cannot be read with one
 * failed action, since the agent takes an answer without any for consent.
 */
export function answerHandshake(payload: Uint8Array, clientVersion: string): HandshakeAnswer {
  const requested = jsonPayload(payload)?.["RequestedClientActions"];
  const readable = Array.isArray(requested) && requested.length <= MOST_ACTIONS;
  const processed: ProcessedAction[] = readable
    ? requested.map((action) => processAction(members(action) ?? {}))
    : [answered("SessionType", FAILED, "The handshake request could not be read")];
  const failed = processed.filter((action) => action.ActionStatus !== SUCCESS);
  const response = encodeUtf8(
    JSON.stringify({
      ClientVersion: clientVersion,
      ProcessedClientActions: processed,
      Errors: failed.length === 0 ? null : failed.map((action) => action.Error),
    }),
  );
  const [first] = failed;
  if (first === undefined) return { response, refusal: undefined };
  if (failed.some((action) => action.ActionType === "KMSEncryption")) {
    return { response, refusal: KMS_NOT_SUPPORTED };
  }
  return {
    response,
    refusal: {
      kind: "failed",
      code: "handshake_failed",
      text: `The handshake with the agent in the container failed: ${first.Error}.`,
      remedy: "Nothing was run. Update this client, or replace the task if its agent is modified.",
    },
  };
}

const KMS_NOT_SUPPORTED: SessionEnd & { kind: "failed" } = {
  kind: "failed",
  code: "kms_not_supported",
  text: "The cluster encrypts exec sessions with a KMS key, which this client cannot do yet.",
  remedy:
    "Nothing was run. Use a cluster without executeCommandConfiguration.kmsKeyId, or remove the key from its configuration.",
};

function processAction(action: { [name: string]: unknown }): ProcessedAction {
  const name = textMember(action, "ActionType").slice(0, LONGEST_NAME);
  switch (name) {
    case "SessionType": {
      const parameters = members(action["ActionParameters"]);
      const type = textMember(parameters, "SessionType").slice(0, LONGEST_NAME);
      if (SHELL_SESSIONS.has(type)) return answered(name, SUCCESS, "");
      return answered(
        name,
        FAILED,
        `Failed to process action SessionType: Unknown session type ${type}`,
      );
    }
    case "KMSEncryption":
      return answered(
        name,
        FAILED,
        "Failed to process action KMSEncryption: this client has no data key provider",
      );
    default:
      return answered(name, UNSUPPORTED, `Unsupported action ${name}`);
  }
}

function answered(name: string, status: number, error: string): ProcessedAction {
  return { ActionType: name, ActionStatus: status, ActionResult: null, Error: error };
}
