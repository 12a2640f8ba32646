import { expect } from "vitest";
import type { World } from "../world.ts";
import { dutyOf, type Model, type ModelRequest } from "./model.ts";
import { onRecord } from "./record.ts";
import { type Command, pick, step } from "./step.ts";

const pauses = [1_000, 6_000, 11_000, 59_000, 61_000, 5 * 60_000, 29 * 60_000, 31 * 60_000];

/** Some time passes; or as much as brings a request to its end, to the millisecond. */
export function advance(k: number, n: number, by: number): Command {
  const pause = pauses[k];
  const name = pause === undefined ? `to the end of ${n}${by < 0 ? "" : "+"}${by}` : `${pause} ms`;
  return step(`advance(${name})`, async (model, w) => {
    const request = pick(model, n);
    if (pause !== undefined) return w.clock.advance(pause);
    if (request === undefined) return;
    const ends = request.stage === "pending" ? request.lapsesAt : request.expiresAt;
    w.clock.advance(Math.max(0, ends + by - w.clock.now()));
  });
}

/** What the sweeper did to an attempt has to be what it had to do, at some time while it did it. */
async function swept(
  model: Model,
  w: World,
  request: ModelRequest,
  times: { from: number; to: number; round: boolean; lies: boolean },
): Promise<void> {
  const state = await onRecord(w, request);
  for (const [i, attempt] of request.attempts.entries()) {
    if (attempt.state === "ended" || attempt.state === "settled") continue;
    const found = state.attempts[i];
    const done = found?.state === "ended" ? "end" : found?.state === "settled" ? "settle" : "none";
    const due = [times.from, times.to].map((at) =>
      dutyOf(model, request, attempt, at, times.round),
    );
    const lied = times.lies && attempt.sessionId !== undefined && !attempt.over;
    expect(lied ? [...due, "none"] : due, `attempt ${i + 1} of ${request.id}`).toContain(done);
    attempt.unverifiedUntil = found?.unverified?.nextAt ?? 0;
    if (done === "none") continue;
    attempt.state = done === "end" ? "ended" : "settled";
    attempt.over = true;
  }
}

/** A round of the sweeper, in which TerminateSession may answer success and end nothing. */
export function sweep(lies: boolean): Command {
  return step(lies ? "sweep(lied to)" : "sweep", async (model, w) => {
    const from = w.clock.now();
    w.aws.lies = lies;
    await w.sweep();
    w.aws.lies = false;
    const times = { from, to: w.clock.now(), round: true, lies };
    for (const request of model.requests) await swept(model, w, request, times);
  });
}

export function wake(n: number): Command {
  return step(`wake(${n})`, async (model, w) => {
    const request = pick(model, n);
    if (request === undefined) return;
    const from = w.clock.now();
    expect(await w.wake(request.id)).toBe(true);
    await swept(model, w, request, { from, to: w.clock.now(), round: false, lies: false });
  });
}

/** The command exits by itself. */
export function exits(n: number): Command {
  return step(`exits(${n})`, async (model, w) => {
    const attempt = pick(model, n)?.attempts.at(-1);
    if (attempt?.sessionId === undefined || attempt.over) return;
    w.aws.exits(attempt.sessionId);
    attempt.over = true;
  });
}

/** Every task of the service is replaced. */
export function redeploy(service: string): Command {
  return step(`redeploy(${service})`, async (model, w) => {
    w.aws.redeploy(service);
    for (const request of model.requests.filter((one) => one.service === service)) {
      for (const attempt of request.attempts) {
        if (attempt.sessionId !== undefined) attempt.over = true;
      }
    }
  });
}

/** Every function dies while it does nothing, and new ones begin. */
export function restart(): Command {
  return step("restart", async (_, w) => w.restart());
}
