import { createServer, type Server } from "node:http";
import type { Duplex } from "node:stream";
import { type RawData, WebSocket, WebSocketServer } from "ws";
import { isObject } from "../json.ts";
import { listenOnLoopback, whyNotLocal } from "../loopback.ts";
import type { ExecSession } from "../sessions.ts";

export interface MessageGateway {
  readonly port: number;
  dropClients(): void;
  close(): Promise<void>;
}

export interface MessageGatewayOptions {
  port: number;
  /** Uses a token up: the session it opens, or undefined. */
  redeem(sessionId: string, token: string): ExecSession | undefined;
  /** The client of a session has gone. */
  left(sessionId: string): void;
  /** Each first frame, after it was judged. */
  opened(call: { sessionId: string; accepted: boolean }): void;
}

/** A client that opens a socket and says nothing holds it no longer than this. */
const FIRST_FRAME_MS = 10_000;
/** After channel_closed the client is expected to go by itself. */
const LINGER_MS = 2_000;
const TICK_MS = 100;
const MAX_FRAME_BYTES = 1_048_576 + 128;
/** RFC 6455: the peer broke a rule of the server's. What the real service closes with is unknown. */
const POLICY_VIOLATION = 1008;

/**
 * The message gateway: WebSockets over which clients reach their sessions. The first frame, text,
 * carries the token; if it is not good the socket is closed and no word said. Everything after is
 * binary, and nothing is ever sent as text: the stock client's reader dies of it.
 *
 * A client that goes leaves its command running, as on AWS.
 */
export async function startMessageGateway(options: MessageGatewayOptions): Promise<MessageGateway> {
  let port = 0;
  const http: Server = createServer((request, response) => {
    const refusal = whyNotLocal(request, port, { sameOrigin: true });
    response.writeHead(refusal === undefined ? 426 : 403, { "content-type": "text/plain" });
    response.end(refusal ?? "a WebSocket upgrade is expected");
  });
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: true,
    maxPayload: MAX_FRAME_BYTES,
    perMessageDeflate: false,
  });
  http.on("upgrade", (request, socket: Duplex, head) => {
    socket.on("error", () => socket.destroy());
    const refusal = whyNotLocal(request, port, { sameOrigin: true });
    if (refusal !== undefined) {
      // Destroyed once that is written: a peer that keeps its half open would keep `close` waiting.
      socket.end(`HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`, () =>
        socket.destroy(),
      );
      return;
    }
    sockets.handleUpgrade(request, socket, head, (client) => {
      serve(client, sessionIdIn(request.url ?? ""), options);
    });
  });
  http.on("clientError", (_error, socket) => socket.destroy());
  port = await listenOnLoopback(http, options.port);
  const dropClients = (): void => {
    for (const client of sockets.clients) client.terminate();
  };
  return {
    port,
    dropClients,
    async close() {
      dropClients();
      const closed = new Promise((resolve) => http.close(resolve));
      http.closeAllConnections(); // among them those that have not finished asking
      await closed;
    },
  };
}

function serve(client: WebSocket, sessionId: string, options: MessageGatewayOptions): void {
  let session: ExecSession | undefined;
  let tick: NodeJS.Timeout | undefined;
  let linger: NodeJS.Timeout | undefined;
  const firstFrame = setTimeout(() => client.terminate(), FIRST_FRAME_MS);

  const attach = (opened: ExecSession): void => {
    session = opened;
    tick = setInterval(() => opened.channel.tick(), TICK_MS);
    opened.channel.attach({
      send: (frame) => {
        if (client.readyState === WebSocket.OPEN) client.send(frame, { binary: true });
      },
      closed: () => {
        linger = setTimeout(() => client.terminate(), LINGER_MS);
      },
    });
  };

  client.on("message", (data, isBinary) => {
    if (session !== undefined) {
      if (isBinary) session.channel.receive(bytesOf(data));
      return;
    }
    clearTimeout(firstFrame);
    const token = isBinary ? undefined : tokenIn(bytesOf(data).toString("utf8"));
    const opened = token === undefined ? undefined : options.redeem(sessionId, token);
    options.opened({ sessionId, accepted: opened !== undefined });
    if (opened === undefined) client.close(POLICY_VIOLATION);
    else attach(opened);
  });
  client.on("error", () => client.terminate());
  client.on("close", () => {
    clearTimeout(firstFrame);
    clearTimeout(linger);
    clearInterval(tick);
    if (session === undefined) return;
    session.channel.detach();
    options.left(session.id);
  });
}

/** The token of an OpenDataChannelInput, or undefined where the frame is none. */
function tokenIn(text: string): string | undefined {
  try {
    const input: unknown = JSON.parse(text);
    if (!isObject(input) || input["MessageSchemaVersion"] !== "1.0") return undefined;
    const { RequestId: requestId, TokenValue: token } = input;
    if (typeof requestId !== "string" || requestId.length < 16) return undefined;
    return typeof token === "string" ? token : undefined;
  } catch {
    return undefined;
  }
}

function sessionIdIn(url: string): string {
  return /^\/v1\/data-channel\/([A-Za-z0-9_-]{1,96})(?:\?|$)/.exec(url)?.[1] ?? "";
}

function bytesOf(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}
