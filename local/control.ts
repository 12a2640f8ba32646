import { timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import * as z from "zod";
import type { Fault, FaultMatch } from "../emulator/faults.ts";
import { readBody } from "../emulator/http-message.ts";
import { listenOnLoopback, whyNotLocal } from "../emulator/loopback.ts";
import { type Pauses, pausePoints } from "./pauses.ts";

/** What the control endpoint steers. It exists on one machine only: no bundle holds it. */
export interface Controlled {
  faults: { add(match: FaultMatch, what: Fault): void; clear(): void };
  /** Breaks every client's connection to its session. */
  dropClients(): void;
  pauses: Pauses;
}

export interface Control {
  url: string;
  close(): Promise<void>;
}

const BODY_BYTES = 65_536;

const fault = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("error"),
    code: z.string().min(1),
    status: z.number().int().min(400).max(599).default(400),
    message: z.string().optional(),
  }),
  z.strictObject({ kind: z.literal("status"), status: z.number().int().min(400).max(599) }),
  z.strictObject({ kind: z.literal("reset") }),
  z.strictObject({ kind: z.literal("hang") }),
  z.strictObject({ kind: z.literal("slow"), ms: z.number().int().min(0).max(600_000) }),
  z.strictObject({ kind: z.literal("throttle") }),
  z.strictObject({ kind: z.literal("applied-then-reset") }),
  z.strictObject({ kind: z.literal("applied-then-hang") }),
  z.strictObject({ kind: z.literal("lie"), merge: z.record(z.string(), z.json()) }),
]);
export const faultKinds = fault.options.map(({ shape }) => shape.kind.value);
const faultOrder = z.strictObject({
  operation: z.string().regex(/^[A-Za-z]{1,64}$/),
  times: z.number().int().min(1).optional(),
  fault,
});
const pauseOrder = z.strictObject({ point: z.enum(pausePoints) });

/**
 * Makes the emulator fail and the gateway pause, for tests and for whoever wants to see what a person is
 * told then. JSON on loopback, every call with `Authorization: Bearer <token>`; the token opens nothing else.
 *
 * - `POST /faults` `{operation, times?, fault}` strikes calls of AWS's operation; `DELETE /faults` clears all
 * - `POST /pauses` `{point}` · `GET /pauses` · `DELETE /pauses/<point>` lets go on who waits there
 * - `DELETE /connections` breaks every client's connection to its session, which runs on
 *
 * 401 without the token, 403 for a browser, 400 with what is wrong, 404 for anything else.
 */
export async function startControl(token: string, controlled: Controlled): Promise<Control> {
  let port = 0;
  const server = createServer((request, response) => {
    request.on("error", () => undefined); // the client went away in the middle
    serve(request, port, token, controlled).then(
      ({ status, body }) => answer(response, status, body),
      () => answer(response, 500, { error: "the control endpoint failed" }),
    );
  });
  server.on("clientError", (_error, socket) => socket.destroy());
  port = await listenOnLoopback(server, 0);
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

interface Said {
  status: number;
  body: unknown;
}

async function serve(
  request: IncomingMessage,
  port: number,
  token: string,
  { faults, pauses, dropClients }: Controlled,
): Promise<Said> {
  const foreign = whyNotLocal(request, port, { sameOrigin: false });
  if (foreign !== undefined) return { status: 403, body: { error: foreign } };
  if (!isToken(request.headers.authorization, token)) {
    return { status: 401, body: { error: "the token of control.json is wanted" } };
  }
  const body = await readBody(request, BODY_BYTES);
  if (body === undefined) return { status: 400, body: { error: "body over 64 KiB" } };
  const [, collection = "", name, ...rest] = (request.url ?? "").split("/");
  const asked = `${request.method} /${collection}${name === undefined ? "" : "/*"}`;
  if (rest.length > 0) return { status: 404, body: { error: "no such thing" } };
  switch (asked) {
    case "POST /faults": {
      const order = faultOrder.safeParse(json(body));
      if (!order.success) return { status: 400, body: { error: z.prettifyError(order.error) } };
      const { operation, times, fault: wanted } = order.data;
      faults.add({ operation, ...(times === undefined ? {} : { times }) }, asFault(wanted));
      return { status: 200, body: order.data };
    }
    case "DELETE /faults":
      faults.clear();
      return { status: 200, body: {} };
    case "DELETE /connections":
      dropClients();
      return { status: 200, body: {} };
    case "GET /pauses":
      return { status: 200, body: { items: pauses.list() } };
    case "POST /pauses": {
      const order = pauseOrder.safeParse(json(body));
      if (!order.success) return { status: 400, body: { error: z.prettifyError(order.error) } };
      pauses.set(order.data.point);
      return { status: 200, body: { items: pauses.list() } };
    }
    case "DELETE /pauses/*": {
      const point = pausePoints.find((one) => one === name);
      if (point === undefined)
        return { status: 404, body: { error: `points: ${pausePoints.join(", ")}` } };
      pauses.release(point);
      return { status: 200, body: { items: pauses.list() } };
    }
    default:
      return { status: 404, body: { error: "no such thing" } };
  }
}

function asFault(wanted: z.infer<typeof fault>): Fault {
  if (wanted.kind === "throttle") {
    return { kind: "error", code: "ThrottlingException", status: 400, message: "Rate exceeded" };
  }
  if (wanted.kind !== "error") return wanted;
  const { kind, code, status, message } = wanted;
  return { kind, code, status, ...(message === undefined ? {} : { message }) };
}

function isToken(authorization: string | undefined, token: string): boolean {
  const [given, wanted] = [Buffer.from(authorization ?? ""), Buffer.from(`Bearer ${token}`)];
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

function json(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString("utf8")) as unknown;
  } catch {
    return undefined;
  }
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
    "cache-control": "no-store",
  });
  response.end(text);
}
