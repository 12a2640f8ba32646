import { expect } from "vitest";
import { readEvent, type StoredEvent } from "../../../core/event.ts";
import { foldRequest } from "../../../core/fold-request.ts";
import { holdsAfter } from "../../../core/holds.ts";
import { type RequestState, statusAt } from "../../../core/request-state.ts";
import { looked } from "../../kit/looks.ts";
import type { World } from "../world.ts";
import { type Model, type ModelRequest, statusOf } from "./model.ts";

/** States by the last event they came from, so that a chain that stands still is folded once. */
const folded = new WeakMap<StoredEvent, RequestState>();

/** The request as its chain folds, beside the functions that wrote it. */
export async function onRecord(w: World, { id }: Pick<ModelRequest, "id">): Promise<RequestState> {
  const tip = await w.events.tip(`REQ#${id}`);
  const known = tip && folded.get(tip);
  if (known !== undefined) return known;
  const chain = await w.events.load(`REQ#${id}`);
  const state = foldRequest(id, chain, []);
  const last = chain.at(-1);
  if (last !== undefined) folded.set(last, state);
  return state;
}

/** The record, AWS and the model agree on everything that people can see. */
export async function expectAgreement(model: Model, w: World): Promise<void> {
  const now = w.clock.now();
  const told: object[] = [];
  const wanted: object[] = [];
  for (const request of model.requests) {
    const state = await onRecord(w, request);
    const counts = state.decisions.filter((one) => one.counts);
    told.push({
      id: request.id,
      status: statusAt(state, now),
      agreed: counts.filter((one) => one.decision === "approve").map((one) => one.person),
      attempts: state.attempts.map((one) => [one.state, one.slot]),
    });
    wanted.push({
      id: request.id,
      status: statusOf(request, now),
      agreed: [...request.agreed],
      attempts: request.attempts.map((one) => [one.state, one.slot]),
    });
  }
  expect(told).toEqual(wanted);
  const attempts = model.requests.flatMap((request) => request.attempts);
  const alive = attempts.filter(({ sessionId, over }) => sessionId !== undefined && !over);
  expect(new Set(running(w))).toEqual(new Set(alive.map(({ sessionId }) => sessionId)));
}

function running(w: World): string[] {
  return w.aws
    .running()
    .map(({ sessionId }) => sessionId)
    .toSorted();
}

/**
 * Lets everything come to its end: no process runs, nothing is held, every request is at a status that stays, and
 * no attempt was sent twice.
 */
export async function expectAllOver(model: Model, w: World): Promise<void> {
  looked("record");
  for (let hours = 0; hours < 3; hours++) {
    w.clock.advance(5 * 3_600_000);
    await w.sweep();
  }
  expect(running(w)).toEqual([]);
  for (const request of model.requests) {
    const state = await onRecord(w, request);
    expect(["denied", "cancelled", "revoked", "lapsed", "closed"]).toContain(state.stage);
    expect(state.attempts.map((one) => one.state)).toSatisfy((states: string[]) =>
      states.every((one) => one === "ended" || one === "settled"),
    );
  }
  const chains = new Set(model.requests.flatMap((r) => r.attempts.map(({ slot }) => slot)));
  for (const chain of [...chains, "PERSON#dev"]) {
    const tip = await w.events.tip(chain);
    expect(tip === undefined ? [] : holdsAfter(readEvent(tip)), chain).toEqual([]);
  }
  const sent = w.journal.flatMap((entry) =>
    entry.what === "wire" && entry.call.operation === "ExecuteCommand"
      ? [entry.call.roleSessionName]
      : [],
  );
  expect(new Set(sent).size).toBe(sent.length);
}
