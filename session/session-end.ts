/** Why a session did not come about, or ended other than by its command ending. Permanent. */
type SessionFailureCode =
  /** The URL does not lead to the message gateway; nothing was connected to. */
  | "stream_url_refused"
  | "connect_failed"
  | "connect_timeout"
  /** The cluster has a KMS key. */
  | "kms_not_supported"
  | "handshake_failed"
  | "handshake_timeout"
  /** The client could give the agent no data key, or the agent could not decrypt the one it got. */
  | "kms_data_key"
  | "kms_decrypt"
  /** Not in PATH, not executable, or its words could not be split. */
  | "command_not_startable"
  /** The agent lacks the part that runs commands: its disk is full or it is broken. */
  | "agent_broken"
  /** The cluster demands encrypted logs, and the agent could not see that they are. */
  | "log_encryption_check"
  | "inactivity_timeout"
  /** The agent gave a reason that is none of these. */
  | "agent_reported";

/**
 * How a session ended. Texts are one line, safe to show, and without the token.
 *
 * - `ended`: the agent closed the channel and gave no reason, as when the command has exited or the session
 *   was terminated from outside; the protocol does not tell these apart and has no exit status.
 * - `connection_lost`: the socket went first. The command may still be running in the container.
 * - `stopped`: we let go. The command may still be running in the container.
 */
export type SessionEnd =
  | { kind: "ended" }
  | { kind: "failed"; code: SessionFailureCode; text: string; remedy: string }
  | {
      kind: "connection_lost";
      /** Whether anything had come from the other side. */
      begun: boolean;
      /** The WebSocket close code, or null if the socket reported an error instead. */
      closeCode: number | null;
      text: string;
      remedy: string;
    }
  | { kind: "stopped" };

const BANNER = /^\s*-+ERROR-+\s*/;

/** The texts of amazon-ssm-agent and of the service, each with what to do about it. The first that fits holds. */
const KNOWN: readonly {
  pattern: RegExp;
  code: SessionFailureCode;
  remedy: string;
}[] = [
  {
    pattern: /^Unable to start command: /,
    code: "command_not_startable",
    remedy:
      "Ask for a command that exists in this image, by its full path if need be. It is not run by a shell: for pipes or variables ask for sh -c '…'.",
  },
  {
    pattern: /Plugin with name \S+ not found/,
    code: "agent_broken",
    remedy:
      "The container's disk or /tmp is full, or its agent is broken: replace the task, or pick another one.",
  },
  {
    pattern:
      /ouldn't start the session because (?:encryption is not set up on|we are unable to validate encryption on)/,
    code: "log_encryption_check",
    remedy:
      "Allow the task role logs:DescribeLogGroups (log group) or s3:GetEncryptionConfiguration (bucket), encrypt the destination, or switch off encryption for logs in the cluster's exec configuration.",
  },
  {
    pattern: /timed out due to inactivity/,
    code: "inactivity_timeout",
    remedy:
      "ECS Exec ends a session after 20 minutes without input or output, which cannot be changed. The command may still be running.",
  },
  {
    pattern: /^Encountered error while initiating handshake.*KMSEncryption failed on client/,
    code: "kms_data_key",
    remedy:
      "Nothing was run. The client has to be allowed kms:GenerateDataKey on the cluster's key; this one cannot make data keys, so choose a cluster without executeCommandConfiguration.kmsKeyId.",
  },
  {
    pattern:
      /^Encountered error while initiating handshake.*(?:InvalidCiphertextException|decrypt|AccessDeniedException)/i,
    code: "kms_decrypt",
    remedy:
      "Nothing was run. Allow the task role kms:Decrypt on the cluster's key, with the encryption context of ECS Exec: aws:ssm:SessionId and aws:ssm:TargetId.",
  },
  {
    pattern:
      /^Encountered error while initiating handshake.*(?:Handshake timed out|Timed out waiting)/,
    code: "handshake_timeout",
    remedy:
      "Nothing was run: the agent waits 15 seconds for each answer. Open a new session; if it repeats, look at the way between this machine and ssmmessages.",
  },
  {
    pattern: /^Encountered error while initiating handshake/,
    code: "handshake_failed",
    remedy: "Nothing was run. Open a new session; if it repeats, replace the task.",
  },
];

/** What the `Output` of a channel_closed frame means. `shown` is that text after `visibleText`. */
export function endOfOutput(shown: string): SessionEnd {
  const text = shown.replace(BANNER, "").trim();
  if (text === "") return { kind: "ended" };
  const known = KNOWN.find(({ pattern }) => pattern.test(text));
  return {
    kind: "failed",
    code: known?.code ?? "agent_reported",
    text,
    remedy: known?.remedy ?? "The text is the agent's own. The session is over.",
  };
}

/** The end of a session whose socket closed or broke after it was open. */
export function connectionLost(
  begun: boolean,
  closeCode: number | null,
  reason: string,
): SessionEnd {
  const because = [closeCode === null ? "" : `code ${closeCode}`, reason]
    .filter(Boolean)
    .join(", ");
  return {
    kind: "connection_lost",
    begun,
    closeCode,
    text: `The connection ${begun ? "was lost" : "was closed before anything came from the container"}${because === "" ? "" : ` (${because})`}.`,
    remedy: begun
      ? "The session did not say that it ended: its command may still be running in the container until it exits or 20 minutes pass without input or output."
      : "The token may have been used or be too old, or the agent may be gone. The command may have been started all the same.",
  };
}

/** The end of a session whose socket never opened. */
export function notConnected(
  code: "stream_url_refused" | "connect_failed" | "connect_timeout",
  reason: string,
): SessionEnd & { kind: "failed" } {
  const texts = {
    stream_url_refused: `The gateway's stream URL was refused: ${reason}.`,
    connect_failed: `The message gateway could not be reached${reason === "" ? "" : `: ${reason}`}.`,
    connect_timeout: `The message gateway did not answer within ${reason}.`,
  };
  return {
    kind: "failed",
    code,
    text: texts[code],
    remedy:
      code === "stream_url_refused"
        ? "The session's token was not sent. Tell whoever runs the gateway: its answer may have been tampered with."
        : "Check that this machine can reach ssmmessages of the cluster's region on port 443. The command may have been started all the same.",
  };
}
