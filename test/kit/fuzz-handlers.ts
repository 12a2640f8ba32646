import { utcDay } from "../../core/clock.ts";
import { rulesHere } from "../../local/rules-here.ts";
import { type Profile, startTestGateway } from "./gateway.ts";
import { mutated, seeded } from "./mutations.ts";
import { grownBy } from "./record.ts";

export interface FuzzReport {
  runs: number;
  /** Answers by status. */
  statuses: { [status: string]: number };
  /** What must not be, each with the call that showed it; at most 20. */
  findings: string[];
  slowestMs: number;
  heapGrowthMb: number;
}

/** Codes of calls that could not be read: they leave nothing on record. */
const unparseable = new Set([
  "body_invalid",
  "body_too_large",
  "query_invalid",
  "command_invalid",
  "cluster_invalid",
  "target_invalid",
  "interactive_required",
  "not_supported",
  "identity_refused",
  "route_not_found",
  "activation_invalid",
]);
/** Failures that a call of its own making must never reach. */
const CALL_MS = 5_000;

/** Sends mutated calls to the handlers, over a real engine and the emulator, and says what should not be. */
export async function fuzzHandlers(seed: number, runs: number): Promise<FuzzReport> {
  const random = seeded(seed);
  const findings: string[] = [];
  const report = (what: string): void => void (findings.length < 20 && findings.push(what));
  const onUnhandled = (error: unknown): void => report(`unhandled: ${String(error)}`);
  process.on("unhandledRejection", onUnhandled);

  let appended = 0;
  const gateway = await startTestGateway({
    wrapEvents: (events) => ({
      ...events,
      append: async (entries, fences) => {
        const done = await events.append(entries, fences);
        if (done.kind === "appended") appended += entries.length;
        return done;
      },
    }),
  });
  try {
    const wish = {
      target: { cluster: "demo", service: "payments-api", container: "app" },
      command: "/bin/uname -r",
      reason: "which kernel",
      ticket: "OPS-1",
      durationMinutes: 5,
    };
    const asked = await gateway.as("dev")("POST", "/v1/requests", wish);
    const { id, digest } = asked.body as { id: string; digest: string };
    const good = [
      { method: "POST", path: "/v1/requests", body: wish },
      {
        method: "POST",
        path: `/v1/requests/${id}/decisions`,
        body: { decision: "approve", digest, comment: "x" },
      },
      { method: "POST", path: `/v1/requests/${id}/cancel`, body: { comment: "x" } },
      { method: "POST", path: `/v1/requests/${id}/revoke`, body: { comment: "x" } },
      { method: "POST", path: `/v1/requests/${id}/sessions`, body: {} },
      {
        method: "POST",
        path: "/v1/activations",
        body: { ...rulesHere(), policies: "permit(", reason: "x" },
      },
      { method: "GET", path: "/v1/requests?status=closed&ticket=none" },
      { method: "GET", path: `/v1/requests/${id}` },
      { method: "GET", path: `/v1/requests/${id}/events` },
      { method: "GET", path: "/v1/sessions?requester=nobody" },
      { method: "GET", path: "/v1/sessions/ecs-execute-command-1" },
      { method: "GET", path: "/v1/targets?cluster=nowhere" },
      { method: "GET", path: `/v1/events?day=${utcDay(0)}` },
      { method: "GET", path: "/v1/whoami" },
      { method: "GET", path: "/v1/health" },
    ] as const;
    // A stranger and a program: nothing they send is ever carried out, so the record stays as small as the calls.
    const profiles: Profile[] = ["stranger", "bot", "stranger", "stranger"];
    const statuses: { [status: string]: number } = {};
    let slowestMs = 0;
    const heapBefore = process.memoryUsage().heapUsed;
    for (let run = 0; run < runs; run++) {
      const from = good[Math.floor(random() * good.length)] ?? good[0];
      const who = profiles[Math.floor(random() * profiles.length)] ?? "stranger";
      const { method, path, body, headers } = mutated(from, random);
      const shown = () => `#${run} ${who} ${method} ${path} ${(body ?? "").slice(0, 300)}`;
      const before = appended;
      const began = performance.now();
      try {
        const { status, body: answer } = await gateway.as(who)(method, path, body, headers);
        statuses[status] = (statuses[status] ?? 0) + 1;
        if (status >= 500) report(`${status} ${answer.code}: ${shown()}`);
        if (status >= 400 && typeof answer.code !== "string") report(`no code: ${shown()}`);
        const grew = appended - before;
        if (unparseable.has(answer.code) && grew > 0)
          report(`${answer.code} wrote an event: ${shown()}`);
        if (grew > 1) report(`${grew} events for one call: ${shown()}`);
        if (status >= 400 && !unparseable.has(answer.code) && grew === 0 && !method.startsWith("G"))
          if (!String(headers["idempotency-key"] ?? "").startsWith("k"))
            report(`${answer.code} left no event: ${shown()}`);
      } catch (error) {
        report(`threw ${String(error)}: ${shown()}`);
      }
      const took = performance.now() - began;
      slowestMs = Math.max(slowestMs, took);
      if (took > CALL_MS) report(`${Math.round(took)} ms: ${shown()}`);
      gateway.logged.length = 0;
    }
    if (Object.hasOwn(Object.prototype, "x")) report("the prototype of objects has changed");
    // The counter above is our own: the record says the same of a call that could not be read.
    const { grown } = await grownBy(gateway.events, () =>
      gateway.as("dev")("POST", "/v1/requests", "{"),
    );
    if (grown.length > 0) report("a body that is no JSON wrote an event");
    const heapGrowthMb = (process.memoryUsage().heapUsed - heapBefore) / 2 ** 20;
    return { runs, statuses, findings, slowestMs, heapGrowthMb };
  } finally {
    process.off("unhandledRejection", onUnhandled);
    await gateway.close();
  }
}
