import { openFrame } from "./client-frames.ts";
import { conversation } from "./conversation.ts";
import type {
  ChannelDeps,
  ChannelHandlers,
  ChannelOptions,
  DataChannel,
  DataChannelSocket,
  SessionCredentials,
} from "./ports.ts";
import { connectionLost, notConnected, type SessionEnd } from "./session-end.ts";
import { checkStreamUrl } from "./stream-url.ts";
import { uuidV4 } from "./uuid.ts";
import { visibleText } from "./visible-text.ts";

const CONNECT_TIMEOUT_MS = 45_000;
const NORMAL_CLOSURE = 1000;

/**
 * Opens the data channel of one exec session and speaks the Session Manager protocol over it, for sessions
 * with and without a handshake, but not with a KMS key. Guarantees: output is handed over exactly once and
 * in order; input is resent until it is acknowledged; whatever is refused, fails or is lost ends in one
 * `onEnd` with a code; nothing is thrown; and nothing but the first frame holds the token.
 *
 * Behaviour is that of AWS's session-manager-plugin except where the modules it calls say otherwise.
 */
export function openDataChannel(
  credentials: SessionCredentials,
  options: ChannelOptions,
  deps: ChannelDeps,
  handlers: ChannelHandlers,
): DataChannel {
  const { tokenValue } = credentials;
  const timers = new Set<() => void>();
  let socket: DataChannelSocket | undefined;
  let phase: "connecting" | "open" | "ended" = "connecting";

  /** Timers that end with the session. */
  function setTimer(ms: number, fn: () => void): () => void {
    if (phase === "ended") return () => {};
    const cancel = deps.setTimer(ms, () => {
      timers.delete(cancel);
      fn();
    });
    timers.add(cancel);
    return () => {
      timers.delete(cancel);
      cancel();
    };
  }

  const newId = (): string => uuidV4(deps.randomBytes(16));
  const shown = (text: string): string => visibleText(text, tokenValue);

  const talk = conversation(
    {
      now: () => deps.now(),
      setTimer,
      // A date of zero would be refused.
      stamp: () => ({ messageId: newId(), createdDate: Math.max(1, Math.trunc(deps.now())) }),
      transmit,
      shown,
      end,
    },
    options,
    handlers,
  );

  function connect(): void {
    const check = checkStreamUrl(credentials.streamUrl, {
      allowLoopback: options.allowLoopback ?? false,
    });
    if (check.kind === "refused") {
      setTimer(0, () => end(notConnected("stream_url_refused", check.reason)));
      return;
    }
    try {
      socket = deps.connect(credentials.streamUrl);
    } catch (error) {
      const reason = shown(describe(error));
      setTimer(0, () => end(notConnected("connect_failed", reason)));
      return;
    }
    const cancelTimeout = setTimer(CONNECT_TIMEOUT_MS, () =>
      end(notConnected("connect_timeout", `${CONNECT_TIMEOUT_MS / 1_000} s`)),
    );
    socket.onopen = () => {
      cancelTimeout();
      opened();
    };
    socket.onmessage = (data) => talk.received(data);
    socket.onclose = (code, reason) => lost(code, reason);
    socket.onerror = (error) => lost(null, describe(error));
  }

  function opened(): void {
    if (phase !== "connecting") return;
    phase = "open";
    transmit(
      openFrame({
        requestId: newId(),
        tokenValue,
        clientId: newId(),
        clientVersion: options.clientVersion,
      }),
    );
    talk.begin();
  }

  function transmit(data: string | Uint8Array): void {
    if (phase !== "open") return;
    try {
      socket?.send(data);
    } catch (error) {
      lost(null, describe(error));
    }
  }

  function lost(closeCode: number | null, reason: string): void {
    const because = shown(reason);
    if (phase === "connecting") {
      const code = closeCode === null ? "" : `closed with code ${closeCode}`;
      end(notConnected("connect_failed", because === "" ? code : because));
    } else {
      end(talk.verdict() ?? connectionLost(talk.stats().framesReceived > 0, closeCode, because));
    }
  }

  /** The only way out. First the state, so that a handler that calls back finds the session over. */
  function end(how: SessionEnd): void {
    if (phase === "ended") return;
    phase = "ended";
    talk.stop();
    for (const cancel of timers) cancel();
    timers.clear();
    try {
      socket?.close(NORMAL_CLOSURE);
    } catch {
      // It was closed already.
    }
    handlers.onEnd(how);
  }

  connect();
  return {
    write: (bytes) => talk.write(bytes),
    resize: (size) => talk.resize(size),
    stop: () => end({ kind: "stopped" }),
    get stats() {
      return talk.stats();
    },
  };
}

/** The reason in whatever was thrown or reported; a browser's error events have none. */
function describe(error: unknown): string {
  if (error instanceof Error) return error.message;
  return typeof error === "string" ? error : "";
}
