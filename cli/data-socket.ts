import WebSocket, { type RawData } from "ws";
import type { DataChannelSocket } from "../session/ports.ts";

const CONNECT_TIMEOUT_MS = 45_000;
/** Frames hold about a kilobyte: only a peer that is none of AWS's sends more. */
const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;
/** Keeps routers on the way from forgetting a quiet connection. The official client's is five minutes. */
const PING_MS = 60_000;
/** How long the peer may take to answer our close before the connection is dropped. */
const CLOSE_MS = 1_000;

/** A WebSocket of Node for the data channel: no subprotocol, no compression, no redirect followed. */
export function openDataSocket(url: string): DataChannelSocket {
  const socket = new WebSocket(url, {
    followRedirects: false,
    perMessageDeflate: false,
    maxPayload: MAX_MESSAGE_BYTES,
    handshakeTimeout: CONNECT_TIMEOUT_MS,
  });
  const timers: NodeJS.Timeout[] = [];
  const self: DataChannelSocket = {
    send: (data) => socket.send(data),
    close(code) {
      socket.close(code);
      timers.push(setTimeout(() => socket.terminate(), CLOSE_MS));
    },
    onopen: null,
    onmessage: null,
    onclose: null,
    onerror: null,
  };
  socket.on("open", () => {
    timers.push(setInterval(() => socket.ping(), PING_MS));
    self.onopen?.();
  });
  socket.on("message", (data, isBinary) => {
    const bytes = bytesOf(data);
    self.onmessage?.(isBinary ? bytes : bytes.toString("utf8"));
  });
  socket.on("close", (code, reason) => {
    for (const timer of timers) clearTimeout(timer);
    self.onclose?.(code, reason.toString("utf8"));
  });
  // Always listened to: an error event that nobody hears ends the process.
  socket.on("error", (error) => self.onerror?.(error));
  return self;
}

function bytesOf(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return data instanceof ArrayBuffer ? Buffer.from(data) : data;
}
