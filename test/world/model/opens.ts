import { expect } from "vitest";
import type { World } from "../world.ts";
import { holding, type Model, type ModelRequest, mayBeOpened } from "./model.ts";
import { onRecord } from "./record.ts";
import { type Command, pick, step } from "./step.ts";

/** Whether some running task of the service has that container free. */
function isFree(model: Model, w: World, { service, container }: ModelRequest): boolean {
  const held = new Set(holding(model).map(({ slot }) => slot));
  return w.aws.fleet.tasks
    .filter((task) => task.service === service && task.lastStatus === "RUNNING")
    .map(({ taskArn }) => taskArn.split("/").at(-1) ?? "")
    .some((task) => !held.has(`SLOT#${task}#${service === "shared" ? "*" : container}`));
}

/** What the record says of the newest attempt, and AWS of what it started. */
async function learn(model: Model, w: World, request: ModelRequest): Promise<void> {
  const state = await onRecord(w, request);
  const attempt = state.attempts.at(-1);
  if (attempt === undefined || state.attempts.length === request.attempts.length) return;
  expect(state.attempts).toHaveLength(request.attempts.length + 1);
  // The container was nobody's.
  expect(holding(model).map(({ slot }) => slot)).not.toContain(attempt.slot);
  const name = `req-${request.id}.${attempt.attempt}`;
  const started = w.aws.sessions.filter(({ roleSessionName }) => roleSessionName === name);
  expect(started.length).toBeLessThanOrEqual(1);
  request.attempts.push({
    state: attempt.state === "opened" ? "opened" : "opening",
    at: attempt.at,
    expiresAt: attempt.expiresAt,
    slot: attempt.slot,
    sessionId: started[0]?.sessionId,
    over: false,
    unverifiedUntil: 0,
  });
}

export function open(who: "dev" | "dev2" | "lead", n: number): Command {
  return step(`open(${who}, ${n})`, async (model, w) => {
    const request = pick(model, n);
    if (request === undefined) return;
    const wanted = mayBeOpened(model, request, who, w.clock.now(), isFree(model, w, request));
    const sent = w.aws.sessions.length;
    const { status, body } = await w.open(who, request.id);
    expect(status === 201 ? "ok" : body.code).toBe(wanted);
    expect(w.aws.sessions.length - sent).toBe(wanted === "ok" ? 1 : 0);
    if (wanted !== "ok") return;
    await learn(model, w, request);
    expect(request.attempts.at(-1)).toMatchObject({
      state: "opened",
      sessionId: body.session.sessionId,
      expiresAt: request.expiresAt,
    });
  });
}

/** The function dies at the n-th call of its ports, before that had an effect or after. */
export function crashOpen(n: number, at: number, after: boolean): Command {
  return step(`crashOpen(${n}, ${after ? "after" : "before"} call ${at})`, async (model, w) => {
    const request = pick(model, n);
    if (request === undefined) return;
    const wanted = mayBeOpened(model, request, "dev", w.clock.now(), isFree(model, w, request));
    let calls = 0;
    let died = (): void => {};
    const death = new Promise<"dead">((resolve) => {
      died = () => resolve("dead");
    });
    w.intercept = async (call, next) => {
      if (call.by !== "exec" || calls++ !== at) return await next();
      if (after) await next();
      died();
      return await new Promise(() => {});
    };
    const answer = await Promise.race([w.open("dev", request.id), death]);
    w.restart();
    w.intercept = (_, next) => next();
    if (answer !== "dead") expect(answer.status === 201 ? "ok" : answer.body.code).toBe(wanted);
    const before = request.attempts.length;
    await learn(model, w, request);
    // A dead function may have done any part of what it might; never what it might not.
    if (wanted !== "ok") expect(request.attempts).toHaveLength(before);
  });
}
