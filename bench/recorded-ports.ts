import type { Composed, ExecPorts } from "../lambdas/ports.ts";

/** One run's answers, by method and by the how-manyth call of it. */
type Recording = Map<string, unknown>;

/**
 * Ports that answer from a recording of one open: the first run goes to the real ones and is kept, each
 * later one is answered at once. What is left is what the handler itself costs.
 */
export function recordedPorts(real: Composed<ExecPorts>): {
  ports: Composed<ExecPorts>;
  /** Begins a run; the first one records. */
  begin(): void;
} {
  const recording: Recording = new Map();
  let counts = new Map<string, number>();
  let runs = 0;
  const answering = <P extends object>(name: string, port: P): P =>
    new Proxy(port, {
      get(target, member) {
        const value: unknown = Reflect.get(target, member);
        if (typeof value !== "function") return value;
        return async (...args: unknown[]): Promise<unknown> => {
          const [of] = args;
          // Of reads, by the chain: what is kept in memory after the first run is not read again.
          const method = `${name}.${String(member)}${typeof of === "string" ? ` ${of}` : ""}`;
          const n = counts.get(method) ?? 0;
          counts.set(method, n + 1);
          const key = `${method} ${n}`;
          if (runs === 1) recording.set(key, await Reflect.apply(value, target, args));
          if (!recording.has(key)) throw new Error(`the recording has no ${key}`);
          const answer = recording.get(key);
          return method === "execRoles.assume" ? answering("role", answer as object) : answer;
        };
      },
    });
  return {
    ports: {
      ...real,
      events: answering("events", real.events),
      limits: answering("limits", real.limits),
      containers: answering("containers", real.containers),
      execRoles: answering("execRoles", real.execRoles),
      sessionEnder: answering("sessionEnder", real.sessionEnder),
    },
    begin() {
      counts = new Map();
      runs += 1;
    },
  };
}
