import { randomBytes } from "node:crypto";
import WebSocket from "ws";
import { openDataChannel } from "../session/data-channel.ts";
import type { DataChannelSocket } from "../session/ports.ts";
import type { SessionEnd } from "../session/session-end.ts";

function connect(url: string): DataChannelSocket {
  const ws = new WebSocket(url, {
    perMessageDeflate: false,
    followRedirects: false,
    maxPayload: 4 * 1024 * 1024,
  });
  const socket: DataChannelSocket = {
    send: (data) => ws.send(data),
    close: (code) => ws.close(code),
    onopen: null,
    onmessage: null,
    onclose: null,
    onerror: null,
  };
  ws.on("open", () => socket.onopen?.());
  ws.on("message", (data: Buffer, binary: boolean) =>
    socket.onmessage?.(binary ? new Uint8Array(data) : data.toString()),
  );
  ws.on("close", (code, reason) => socket.onclose?.(code, reason.toString()));
  ws.on("error", (error) => socket.onerror?.(error));
  return socket;
}

/**
 * Opens the data channel of a session, types each line once its prompt can be expected, and returns what the
 * terminal showed and how it ended. Gives up after 20 s.
 */
export async function typeInto(
  session: { sessionId: string; streamUrl: string; tokenValue: string },
  lines: string[],
  show: (text: string) => void,
): Promise<{ screen: string; end: SessionEnd }> {
  return await new Promise((resolve, reject) => {
    let screen = "";
    const timer = setTimeout(
      () => reject(new Error(`the session did not end; it showed: ${screen}`)),
      20_000,
    );
    const channel = openDataChannel(
      session,
      { clientVersion: "1.2.707.0", size: { cols: 100, rows: 30 }, allowLoopback: true },
      {
        connect,
        now: () => Date.now(),
        setTimer: (ms, fn) => {
          const t = setTimeout(fn, ms);
          return () => clearTimeout(t);
        },
        randomBytes: (n) => new Uint8Array(randomBytes(n)),
      },
      {
        onReady: () => {
          for (const [i, line] of lines.entries()) {
            setTimeout(() => channel.write(Buffer.from(`${line}\r`)), 300 * (i + 1));
          }
        },
        onOutput: (bytes) => {
          const text = Buffer.from(bytes).toString("utf8");
          screen += text;
          show(text);
        },
        onNotice: (text) => show(`${text}\n`),
        onEnd: (end) => {
          clearTimeout(timer);
          resolve({ screen, end });
        },
      },
    );
  });
}
