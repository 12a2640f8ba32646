import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { matchRoute, routes } from "../../api/routes.ts";
import { utcDay } from "../../core/clock.ts";
import { rulesHere } from "../../local/rules-here.ts";
import { countingRefusals } from "./counted-refusals.ts";
import { startTestGateway } from "./gateway.ts";
import { mutated, seeded } from "./mutations.ts";
import { type Profile } from "./profiles.ts";
import { grownBy } from "./record.ts";

export interface FuzzReport {
  runs: number;
  /** Answers by status. */
  statuses: { [status: string]: number };
  /** How often each route answered by what it does, and not by what it could not read. */
  reached: { [route: string]: number };
  /** What must not be, each with the call that showed it, at most 20; what is slow, kept or never reached too. */
  findings: string[];
  slowestMs: number;
  /** What a call left behind in memory, in the second half of the run. */
  keptKbPerCall: number;
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
/** Longest that a call may take, on a machine that is busy otherwise. */
const CALL_MS = 1_000;
const KEPT_KB = 1;

/** A route is reached when it is answered by what the caller may, has or wants. */
function reaches(status: number, code: unknown): boolean {
  if (status >= 200 && status < 300) return true;
  return [403, 404, 409].includes(status) && !unparseable.has(String(code));
}

/** What is in use once everything that is not has been thrown away. Buffers are part of what is external. */
async function usedBytes(): Promise<number> {
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc") as () => void;
  // What is to be freed by a callback is gone the second time.
  for (let n = 0; n < 3; n++) {
    gc();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Sends mutated calls to the handlers, over a real engine and the emulator, and says what should not be. */
export async function fuzzHandlers(seed: number, runs: number): Promise<FuzzReport> {
  const random = seeded(seed);
  const findings: string[] = [];
  const report = (what: string): void => void (findings.length < 20 && findings.push(what));
  const onUnhandled = (error: unknown): void => report(`unhandled: ${String(error)}`);
  process.on("unhandledRejection", onUnhandled);

  let appended = 0;
  let counted = 0;
  const gateway = await startTestGateway({
    wrapCounts: (counts) => countingRefusals(counts, () => void counted++),
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
    const { id: task } = gateway.emulator.fleet.clusters
      .find(({ name }) => name === "demo")
      ?.tasks.find(({ service }) => service === "payments-api") ?? { id: "" };
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
      {
        method: "POST",
        path: "/v1/execute-command",
        body: {
          cluster: "demo",
          task,
          container: "app",
          interactive: true,
          command: "/bin/uname -r",
          reason: "which kernel",
        },
      },
      { method: "POST", path: "/v1/preflight", body: wish },
      { method: "GET", path: "/v1/openapi.json" },
      { method: "GET", path: "/v1/requests?status=closed&ticket=none" },
      { method: "GET", path: `/v1/requests/${id}` },
      { method: "GET", path: `/v1/requests/${id}/events` },
      { method: "GET", path: "/v1/sessions?requester=nobody" },
      { method: "GET", path: "/v1/sessions/ecs-execute-command-1" },
      {
        method: "POST",
        path: "/v1/sessions/ecs-execute-command-1/terminate",
        body: { comment: "x", stopTask: false },
      },
      { method: "POST", path: `/v1/requests/${id}/extensions`, body: { minutes: 5, reason: "x" } },
      { method: "GET", path: "/v1/locks" },
      {
        method: "POST",
        path: "/v1/locks",
        body: { subject: { kind: "person", id: "dev" }, reason: "x", durationMinutes: 5 },
      },
      { method: "DELETE", path: `/v1/locks/${id}`, body: { comment: "x" } },
      { method: "POST", path: "/v1/break-glass", body: { ...wish, reason: "an emergency here" } },
      {
        method: "POST",
        path: `/v1/requests/${id}/review`,
        body: { verdict: "justified", comment: "x" },
      },
      { method: "GET", path: "/v1/last-resort?review=owed" },
      { method: "GET", path: `/v1/last-resort/${id}` },
      {
        method: "POST",
        path: `/v1/last-resort/${id}/review`,
        body: { verdict: "justified", comment: "x" },
      },
      { method: "GET", path: "/v1/activations?seq=active" },
      { method: "GET", path: `/v1/texts?hash=${"0".repeat(64)}` },
      { method: "GET", path: "/v1/targets?cluster=nowhere" },
      { method: "GET", path: "/v1/services?cluster=nowhere" },
      { method: "GET", path: `/v1/events?day=${utcDay(0)}` },
      { method: "GET", path: "/v1/whoami" },
      { method: "GET", path: "/v1/health" },
    ] as const;
    // What a stranger and a program send is never carried out; what dev asks for waits for somebody else.
    const profiles: Profile[] = ["stranger", "bot", "dev"];
    const statuses: { [status: string]: number } = {};
    let slowestMs = 0;
    const reached: FuzzReport["reached"] = Object.fromEntries(routes.map(({ name }) => [name, 0]));
    let halfway = 0;
    for (let run = 0; run < runs; run++) {
      if (run === Math.floor(runs / 2)) halfway = await usedBytes();
      const from = good[Math.floor(random() * good.length)] ?? good[0];
      const who = profiles[Math.floor(random() * profiles.length)] ?? "stranger";
      const { method, path, body, headers } = mutated(from, random);
      const shown = () => `#${run} ${who} ${method} ${path} ${(body ?? "").slice(0, 300)}`;
      const route = matchRoute(method, path.split("?")[0] ?? "")?.route.name;
      const before = appended;
      const countedBefore = counted;
      const began = performance.now();
      try {
        const { status, body: answer } = await gateway.as(who)(method, path, body, headers);
        statuses[status] = (statuses[status] ?? 0) + 1;
        if (route !== undefined && reaches(status, answer.code)) {
          reached[route] = (reached[route] ?? 0) + 1;
        }
        if (status >= 500) report(`${status} ${answer.code}: ${shown()}`);
        if (status >= 400 && typeof answer.code !== "string") report(`no code: ${shown()}`);
        const grew = appended - before;
        const isCounted = counted > countedBefore;
        // A command that ECS would not take is refused by us only where the caller may ask.
        const read = answer.code !== "command_invalid";
        if (read && unparseable.has(answer.code) && grew > 0)
          report(`${answer.code} wrote an event: ${shown()}`);
        if (grew > 1) report(`${grew} events for one call: ${shown()}`);
        if (
          status >= 400 &&
          !unparseable.has(answer.code) &&
          grew === 0 &&
          !isCounted &&
          method !== "GET" &&
          route !== "preflightRequest"
        )
          if (!String(headers["idempotency-key"] ?? "").startsWith("k"))
            report(`${answer.code} left no event: ${shown()}`);
      } catch (error) {
        report(`threw ${String(error)}: ${shown()}`);
      }
      const took = performance.now() - began;
      slowestMs = Math.max(slowestMs, took);
      if (took > CALL_MS) report(`${Math.round(took)} ms: ${shown()}`);
      gateway.logged.length = 0;
      gateway.accessLines.length = 0;
    }
    if (Object.hasOwn(Object.prototype, "x")) report("the prototype of objects has changed");
    // The counter above is our own: the record says the same of a call that could not be read.
    const { grown } = await grownBy(gateway.events, () =>
      gateway.as("dev")("POST", "/v1/requests", "{"),
    );
    if (grown.length > 0) report("a body that is no JSON wrote an event");
    const keptKbPerCall = ((await usedBytes()) - halfway) / 1_024 / (runs - Math.floor(runs / 2));
    if (keptKbPerCall > KEPT_KB) report(`${keptKbPerCall.toFixed(1)} KB were kept of each call`);
    for (const [name, times] of Object.entries(reached)) {
      if (times < runs / 500) report(`${name} was answered ${times} times only`);
    }
    return { runs, statuses, reached, findings, slowestMs, keptKbPerCall };
  } finally {
    process.off("unhandledRejection", onUnhandled);
    await gateway.close();
  }
}
