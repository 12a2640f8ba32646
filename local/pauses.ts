import type { StoredEvent } from "../core/event.ts";
import type { EventStore } from "../core/event-store.ts";
import type { HttpFunction } from "../lambdas/chain/http-function.ts";
import type { Composed, ExecPorts } from "../lambdas/ports.ts";

/** The moments of an open at which it matters what is true if everything stops there. */
export const pausePoints = [
  "before-intent",
  "after-intent",
  "after-execute-command",
  "after-session-opened",
  "while-answering",
] as const;
export type PausePoint = (typeof pausePoints)[number];

export interface Pauses {
  /** Whoever comes to the point next stops there, and so do those after, until it is released. */
  set(point: PausePoint): void;
  /** Lets everybody at the point go on, and stops nobody there any more. */
  release(point: PausePoint): void;
  list(): { point: PausePoint; set: boolean; waiting: number }[];
  /** Resolves at once where the point is not set, else when it is released. */
  reach(point: PausePoint): Promise<void>;
}

export function createPauses(): Pauses {
  const waiting = new Map<PausePoint, (() => void)[]>();
  return {
    set(point) {
      if (!waiting.has(point)) waiting.set(point, []);
    },
    release(point) {
      const held = waiting.get(point) ?? [];
      waiting.delete(point);
      for (const go of held) go();
    },
    list: () =>
      pausePoints.map((point) => ({
        point,
        set: waiting.has(point),
        waiting: waiting.get(point)?.length ?? 0,
      })),
    async reach(point) {
      const held = waiting.get(point);
      if (held !== undefined) await new Promise<void>((go) => held.push(go));
    },
  };
}

/** The same ports, stopping around what they do for an open. */
export function pausingPorts(ports: Composed<ExecPorts>, pauses: Pauses): Composed<ExecPorts> {
  const events: EventStore = {
    ...ports.events,
    async append(appended, fences) {
      const intent = holds(appended, "exec.intent");
      if (intent) await pauses.reach("before-intent");
      const answer = await ports.events.append(appended, fences);
      if (answer.kind === "appended") {
        if (intent) await pauses.reach("after-intent");
        if (holds(appended, "session.opened")) await pauses.reach("after-session-opened");
      }
      return answer;
    },
  };
  return {
    ...ports,
    events,
    execRoles: {
      async assume(grant) {
        const role = await ports.execRoles.assume(grant);
        return {
          async executeCommand(input, deadlineMs) {
            const outcome = await role.executeCommand(input, deadlineMs);
            await pauses.reach("after-execute-command");
            return outcome;
          },
        };
      },
    },
  };
}

/** The same function, stopping with its answer made and not yet given. */
export function pausingAnswers(run: HttpFunction, pauses: Pauses): HttpFunction {
  return async (event, context) => {
    const answer = await run(event, context);
    await pauses.reach("while-answering");
    return answer;
  };
}

function holds(events: readonly StoredEvent[], kind: string): boolean {
  return events.some((event) => (JSON.parse(event.leaf) as { kind?: unknown }).kind === kind);
}
