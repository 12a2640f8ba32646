import WebSocket, { type RawData } from "ws";
import type { DataChannelSocket } from "../session/ports.ts";

const CONNECT_TIMEOUT_MS = 45_000;
/** Frames hold about a kilobyte; nothing the message gateway sends comes near this. */
const MAX_MESSAGE_BYTES = 1024 * 1024;
/** Keeps routers on the way from forgetting a quiet connection; the official client's is five minutes. */
const PING_MS = 60_000;

/** A WebSocket for the data channel: no subprotocol, no compression, no redirect followed. */
export function openWebSocket(url: string): DataChannelSocket {
  const socket = new WebSocket(url, {
    followRedirects: false,
    perMessageDeflate: false,
    maxPayload: MAX_MESSAGE_BYTES,
    handshakeTimeout: CONNECT_TIMEOUT_MS,
  });
  let ping: NodeJS.Timeout | undefined;
  const self: DataChannelSocket = {
    send: (data) => socket.send(data),
    close: (code) => socket.close(code),
    onopen: null,
    onmessage: null,
    onclose: null,
    onerror: null,
  };
  socket.on("open", () => {
    ping = setInterval(() => socket.ping(), PING_MS);
    ping.unref();
    self.onopen?.();
  });
  socket.on("message", (data, isBinary) => {
    const bytes = bytesOf(data);
    self.onmessage?.(isBinary ? bytes : new TextDecoder().decode(bytes));
  });
  socket.on("close", (code, reason) => {
    clearInterval(ping);
    self.onclose?.(code, reason.toString("utf8"));
  });
  socket.on("error", (error) => self.onerror?.(error));
  return self;
}

function bytesOf(data: RawData): Uint8Array {
  if (Array.isArray(data)) return Buffer.concat(data);
  return data instanceof ArrayBuffer ? new Uint8Array(data) : data;
}
