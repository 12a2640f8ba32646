import type { ExecRole } from "../../core/execute-command.ts";

/** One call of a port on its way: by which function, of what, with what. */
export interface PortCall {
  by: "requests" | "decide" | "exec" | "sweeper" | "projector" | "watcher";
  /** `events.append`, `execRoles.assume`, … */
  op: string;
  args: readonly unknown[];
}

/** Stands between a function and its ports: may do the call, do it twice, or not at all. */
export type Intercept = (call: PortCall, next: () => Promise<unknown>) => Promise<unknown>;

/** Those ports through which anything is read or changed; time, chance, rules and the log are not. */
const effects = [
  "events",
  "containers",
  "views",
  "marks",
  "limits",
  "refusalCounts",
  "execRoles",
  "sessionEnder",
  "sessionWatch",
  "accessLog",
] as const;

/** The same ports, each call of which goes through `intercept`; ExecuteCommand by an assumed role too. */
export function intercepted<Ports extends object>(
  ports: Ports,
  by: PortCall["by"],
  intercept: Intercept,
): Ports {
  const wrapped: { [port: string]: unknown } = Object.fromEntries(Object.entries(ports));
  for (const name of effects) {
    const port = wrapped[name];
    if (port !== undefined) wrapped[name] = interceptedPort(port as object, name, by, intercept);
  }
  return wrapped as Ports;
}

function interceptedPort(
  port: object,
  name: string,
  by: PortCall["by"],
  intercept: Intercept,
): object {
  return new Proxy(port, {
    get(target, method) {
      const found: unknown = Reflect.get(target, method);
      // What is known without asking is no call.
      if (typeof found !== "function" || method === "usedUp") return found;
      return async (...args: unknown[]) => {
        const call: PortCall = { by, op: `${name}.${String(method)}`, args };
        const answer = await intercept(call, () => Reflect.apply(found, target, args));
        return call.op === "execRoles.assume"
          ? interceptedPort(answer as ExecRole, "execRole", by, intercept)
          : answer;
      };
    },
  });
}
