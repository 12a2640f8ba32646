import type { Scheduler } from "fast-check";
import { expect } from "vitest";
import { type Event, readEvent } from "../../core/event.ts";
import { looked } from "../kit/looks.ts";
import type { World } from "./world.ts";

/**
 * Lets the acts run at once, and `s` say at each call of a port who goes on: before it has its effect, and before
 * its answer is known.
 */
export async function race<T>(
  s: Scheduler,
  w: World,
  acts: { [name: string]: () => Promise<T> },
): Promise<{ [name: string]: T }> {
  w.intercept = async (call, next) => {
    const name = `${call.by} ${call.op}`;
    await s.schedule(Promise.resolve(), name);
    const answer = await next();
    await s.schedule(Promise.resolve(), `${name} answered`);
    return answer;
  };
  const all = Promise.all(
    Object.entries(acts).map(async ([name, act]) => [name, await act()] as const),
  );
  const answers = await s.waitFor(all);
  w.intercept = (_, next) => next();
  return Object.fromEntries(answers);
}

/** The same act, begun when others have gone so many steps: one of few steps would else nearly always be first. */
export function later<T>(s: Scheduler, steps: number, act: () => Promise<T>): () => Promise<T> {
  return async () => {
    for (let n = 0; n < steps; n++) await s.schedule(Promise.resolve(), "not yet");
    return await act();
  };
}

/** Events in the order in which they became durable. */
export function storedEvents(w: World): Event[] {
  looked("record");
  return w.journal.flatMap((entry) => (entry.what === "stored" ? entry.events.map(readEvent) : []));
}

/**
 * What no order of things may break: the record verifies; whatever was decided was decided under the set in force
 * at that instant; nothing is sent without its intent, twice, or at its end; and no token left that is not on record
 * as handed over.
 */
export function expectSound(w: World): void {
  looked("invariants");
  expect(w.verify().problems).toEqual([]);
  let inForce = 0;
  const intents = new Map<string, Extract<Event, { kind: "exec.intent" }>>();
  const stopped = new Set<string>();
  const delivered = new Set<string>();
  for (const entry of w.journal) {
    if (entry.what === "stored") {
      for (const event of entry.events.map(readEvent)) {
        const decides = ["request.asked", "decision.approved", "exec.intent"].includes(event.kind);
        if (decides) expect(event.configuration.seq, event.kind).toBe(inForce);
        if (event.kind === "policy.activated") inForce = event.seq;
        if (event.kind === "request.revoked" || event.kind === "request.cancelled")
          stopped.add(event.chain);
        if (event.kind === "exec.intent") {
          expect(stopped.has(event.chain), "an intent after a revoke").toBe(false);
          intents.set(event.data.roleSessionName, event);
        }
        if (event.kind === "session.opened" && event.data.delivered) {
          expect(stopped.has(event.chain), "handed over after a revoke").toBe(false);
          delivered.add(event.data.sessionId);
        }
      }
    } else if (entry.what === "wire" && entry.call.operation === "ExecuteCommand") {
      const intent = intents.get(entry.call.roleSessionName ?? "");
      expect(intent, "ExecuteCommand without its own, unused intent").toBeDefined();
      // One that comes late is AWS's to refuse, by the session policy: what counts is what it started.
      if (entry.call.sessionId !== undefined) {
        expect(entry.at).toBeLessThan(intent?.data.notAfter ?? 0);
        expect(entry.at).toBeLessThan(intent?.data.expiresAt ?? 0);
      }
      intents.delete(entry.call.roleSessionName ?? "");
    } else if (entry.what === "answer") {
      for (const { sessionId, tokenValue } of w.aws.sessions) {
        if (!entry.answer.text.includes(tokenValue)) continue;
        expect(delivered.has(sessionId), "a token before its session was on record").toBe(true);
      }
    }
  }
}
