import { readEvent } from "../../core/event.ts";
import { eventKinds } from "../../core/event-kinds.ts";
import type { SeenSession } from "../../core/execute-command.ts";
import { delivery } from "../kit/cloud-trail.ts";
import { textsOf } from "./model/sets.ts";
import { asOfNow, fence, restoredFrom } from "./restored.ts";
import { eventsIn } from "./tables.ts";
import { toldOf } from "./told.ts";
import { type Who, type World, world } from "./world.ts";

const MINUTE = 60_000;
const reason = "the queue of payments stands";

/** A history with every kind of event in it, and at its end what is under way: for chains that later versions read. */
export interface History {
  w: World;
  /** Under way at its end: waits for decisions, is approved and not opened, is in a session. */
  underWay: { pending: string; approved: string; open: string };
}

/** Lives it, restore included. Throws where a kind of event did not come about. */
export async function history(): Promise<History> {
  const before = await world({ seed: 80 });
  await requests(before);
  await sessions(before);
  await watched(before);
  await locksAndGlass(before);
  const w = await restoredFrom(before, asOfNow(before));
  await fence(w);
  await w.sweep();
  await rules(w, "strict");
  await rules(w, "usual");
  const pending = (await w.ask()).body.id;
  const approved = await granted(w);
  const open = await granted(w, shell);
  await expected(w.open("dev", open), 201);
  const seen = new Set(eventsIn(w.tables).map((stored) => readEvent(stored).kind));
  const missing = Object.keys(eventKinds).filter((kind) => !seen.has(kind as never));
  if (missing.length > 0) throw new Error(`it has no ${missing.join(", ")}`);
  return { w, underWay: { pending, approved, open } };
}

const shell = { command: "/bin/sh", durationMinutes: 20 };

async function granted(w: World, wish: object = {}): Promise<string> {
  const { id } = (await w.ask("dev", wish)).body;
  await w.approve("lead", id);
  if (wish === shell) await w.approve("sre", id);
  return id;
}

async function requests(w: World): Promise<void> {
  const denied = (await w.ask()).body.id;
  await expected(w.deny("lead", denied), 200);
  await expected(w.cancel("dev", (await w.ask("dev", { reason: "no, wait" })).body.id), 200);
  await expected(w.revoke("lead", await granted(w)), 200);
  await w.ask("dev", { target: { cluster: "demo", service: "nowhere" } });
  await w.ask("dev", { command: "/bin/sh", durationMinutes: 600 });
  await w.ask("bot", { command: "/bin/sh" });
  await w.approve("dev", denied);
  for (let n = 0; n < 3; n++) await w.open("dev", denied);
  await w.call("auditor", "GET", `/v1/requests/${denied}`);
  // What approved itself waits again under stricter rules.
  const { id, digest } = (await w.ask("dev", { command: "/bin/date" })).body;
  await rules(w, "strict");
  const decision = { decision: "approve", digest };
  await w.call("lead", "POST", `/v1/requests/${id}/decisions`, decision);
  await rules(w, "usual");
  await rounds(w, 4);
}

async function sessions(w: World): Promise<void> {
  const failed = await granted(w);
  await answered(w, { kind: "failed", code: "throttled", aws: { error: "T", message: "slow" } });
  await w.open("dev", failed);
  await answered(w, { kind: "unknown", why: "lost" });
  await w.open("dev", failed);
  up(w);
  await rounds(w, 3);
  await expected(w.open("dev", failed), 201);
  w.aws.exits(w.aws.sessions.at(-1)?.sessionId ?? "");
  await rounds(w, 2);

  const long = await granted(w, shell);
  await expected(w.open("dev", long), 201);
  for (const [who, verdict] of [
    ["lead", "deny"],
    ["lead", "approve"],
    ["sre", "approve"],
  ] as const) {
    if (who === "lead") await more(w, long);
    await decideMore(w, who, long, verdict);
  }
  const lost = w.aws.sessions.at(-1)?.sessionId;
  await expected(w.call("dev", "POST", `/v1/requests/${long}/sessions`, { replace: lost }), 201);
  w.aws.lies = true;
  const { sessionId = "" } = w.aws.sessions.at(-1) ?? {};
  await expected(w.call("dev", "POST", `/v1/sessions/${sessionId}/terminate`, {}), 202);
  await w.sweep();
  w.aws.lies = false;
  await rounds(w, 3);

  const unclaimed = await granted(w);
  await expected(w.open("dev", unclaimed), 201);
  w.intercept = async ({ op }, next) => {
    const answer = await next();
    return op === "sessionWatch.seen"
      ? { ...(answer as SeenSession), status: "Connecting" }
      : answer;
  };
  await rounds(w, 3);
  up(w);
  await rounds(w, 400);
}

async function locksAndGlass(w: World): Promise<void> {
  const lock = { subject: { kind: "person", id: "bot" }, reason };
  const { id } = (await expected(w.call("sre", "POST", "/v1/locks", lock), 201)).body;
  await expected(w.call("sre", "DELETE", `/v1/locks/${id}`), 200, 202);
  await expected(w.call("lead", "DELETE", `/v1/locks/${id}`), 200, 202);
  const stays = {
    subject: { kind: "service", id: "arn:aws:ecs:us-east-1:111122223333:service/demo/reports" },
    reason,
  };
  await expected(w.call("sre", "POST", "/v1/locks", stays), 201);
  const wish = { target: { cluster: "demo", service: "payments-api", container: "app" } };
  const glass = { ...wish, command: "/bin/sh", reason };
  const broken = (await expected(w.call("sre", "POST", "/v1/break-glass", glass), 201)).body.id;
  await expected(w.open("sre", broken), 201);
  w.aws.exits(w.aws.sessions.at(-1)?.sessionId ?? "");
  await rounds(w, 2);
  const review = { verdict: "justified", comment: "it was on fire" };
  await expected(w.call("lead", "POST", `/v1/requests/${broken}/review`, review), 200, 201);
}

async function rules(w: World, set: "strict" | "usual"): Promise<void> {
  const asked = { ...textsOf(set, true), reason: `the ${set} rules` };
  const { request } = (await expected(w.call("operator", "POST", "/v1/activations", asked), 202))
    .body;
  await expected(w.approve("sre", request.id), 200);
}

async function more(w: World, id: string): Promise<void> {
  await expected(
    w.call("dev", "POST", `/v1/requests/${id}/extensions`, { minutes: 10, reason }),
    200,
    201,
  );
}

async function decideMore(
  w: World,
  who: Who,
  id: string,
  decision: "approve" | "deny",
): Promise<void> {
  const { digest } = (await w.call(who, "GET", `/v1/requests/${id}`)).body.extensions.at(-1);
  await expected(w.call(who, "POST", `/v1/requests/${id}/decisions`, { decision, digest }), 200);
}

async function answered(w: World, outcome: object): Promise<void> {
  w.intercept = async ({ op }, next) => {
    if (op === "sessionEnder.terminate") return "accepted";
    return op === "execRole.executeCommand" ? outcome : await next();
  };
}

function up(w: World): void {
  w.intercept = (_, next) => next();
}

async function rounds(w: World, minutes: number): Promise<void> {
  for (let n = 0; n < minutes; n++) {
    w.clock.advance(MINUTE);
    await w.sweep();
  }
}

/** What AWS saw and what it did not, somebody who goes round, and a record that somebody changes. */
async function watched(w: World): Promise<void> {
  const [opened] = w.aws.sessions;
  if (opened === undefined) throw new Error("nothing was opened");
  const told = toldOf(w, opened.roleSessionName);
  for (const name of [
    "execute-command",
    "execute-command-by-alice",
    "execute-command-by-last-resort",
    "update-table",
  ]) {
    await w.watch(delivery(name, told));
  }
  const Keys = { pk: { S: "TEXT#0" }, sk: { S: "-" } };
  await w.stream({
    Records: [{ eventName: "REMOVE", dynamodb: { Keys, SequenceNumber: "100000000000000000001" } }],
  });
  w.aws.sessions.push({ ...opened, sessionId: "ecs-execute-command-0", endsAt: undefined });
  w.clock.advance(10 * MINUTE);
  await w.watch({ task: "sessions" });
  w.aws.sessions.pop();
  w.accessLines.splice(0);
  w.clock.advance(30 * MINUTE);
  await w.watch({ task: "compare" });
  w.clock.advance(60 * MINUTE);
  const used = await expected(w.call("lead", "GET", "/v1/last-resort"), 200);
  const path = `/v1/last-resort/${used.body.items[0].id}/review`;
  const verdict = { verdict: "justified", comment: "the gateway was down" };
  await expected(w.call("lead", "POST", path, verdict), 200);
}

async function expected<T extends { status: number; body: unknown }>(
  answer: Promise<T>,
  ...statuses: number[]
): Promise<T> {
  const came = await answer;
  if (!statuses.includes(came.status)) {
    throw new Error(`${came.status}: ${JSON.stringify(came.body)}`);
  }
  return came;
}
