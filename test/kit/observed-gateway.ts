import { randomBytes } from "node:crypto";
import { expect } from "vitest";
import type { StoredEvent } from "../../core/event.ts";
import type { Task } from "../../emulator/fleet.ts";
import { countingRefusals } from "./counted-refusals.ts";
import { type Answered, startTestGateway, type TestGateway } from "./gateway.ts";
import { type Profile } from "./profiles.ts";
import { named, saysWhoHolds } from "./record.ts";
import { TOKEN_BYTES, tokenSearch } from "./token-search.ts";

const ROUTE = "/v1/execute-command";
/** What is told of a body that cannot be read: nothing of it is on record. */
const unreadable = [
  "body_invalid",
  "command_invalid",
  "cluster_invalid",
  "target_invalid",
  "interactive_required",
];

/** What happened while something was done. */
export interface Observed<T> {
  result: T;
  /** The events that were put on record, read, in that order: without who holds what after them. */
  // oxlint-disable-next-line typescript/no-explicit-any -- leaves are read by tests, member by member
  events: any[];
  /** All of them by chain and kind, in that order. */
  grown: string[];
  /** Those that say who holds a container and where a person is. */
  held: string[];
  /** Refusals that were counted, and are no events of their own. */
  counted: number;
  /** Those of requests, by family and kind, sorted. */
  asked: string[];
  /** ExecuteCommands and TerminateSessions that reached the wire. */
  executed: number;
  ended: number;
}

/** ExecuteCommand's request with a reason. */
interface SeedWish {
  cluster: string;
  task: string;
  container?: string;
  command: string;
  interactive: boolean;
  reason: string;
}

export interface ObservedGateway {
  gateway: TestGateway;
  /** What the emulator drew for tokens, in order. */
  tokens: string[];
  /** Everything that was answered, but for the answers that may hold a token. */
  answers: string[];
  /** What the record took, in order. */
  written: StoredEvent[];
  /** The container that the exec role is assumed for in place of the right one. */
  assumesFor: string | undefined;
  post(path: string, body: unknown, who?: Profile): Promise<Answered>;
  /** `POST /v1/execute-command`, as `dev` where nobody else is named. */
  execute(body: unknown, who?: Profile): Promise<Answered>;
  /** As `lead`. */
  decide(decision: "approve" | "deny", request: { id: string; digest: string }): Promise<void>;
  during<T>(act: () => Promise<T>): Promise<Observed<T>>;
  /**
   * A call that is refused before anything was asked of anybody: neither a request on record nor an
   * ExecuteCommand. One that could be read is one event or counted once, one that could not is neither. Answers the problem document.
   */
  refused(
    body: unknown,
    wanted: { status: number; code: string; pointer?: string },
    from?: { path?: string; who?: Profile },
  ): Promise<Answered["body"]>;
  /** Running tasks of a service, and one of them. */
  tasksOf(cluster: string, service: string): Task[];
  taskOf(cluster: string, service: string): Task;
  lastExecuteCommand(): { input: { [name: string]: unknown }; sessionId?: string } | undefined;
  /** A wish of its own that the rules approve at once, and one that waits for `lead`. */
  atOnce(): SeedWish;
  waits(): SeedWish;
  /** Where a token was left in which none may be: an answer that is no session, the record, the log. */
  tokenLeft(): string[];
}

/** The test gateway, with everything in view that a refusal or a failure must not leave behind. */
export async function startObservedGateway(): Promise<ObservedGateway> {
  const tokens: string[] = [];
  const answers: string[] = [];
  const written: StoredEvent[] = [];
  let counted = 0;
  let wishes = 0;
  const gateway = await startTestGateway({
    random: (n) => {
      const bytes = randomBytes(n);
      if (n === TOKEN_BYTES) tokens.push(bytes.toString("base64url"));
      return bytes;
    },
    wrapEvents: (events) => ({
      ...events,
      append: async (entries, fences) => {
        const appended = await events.append(entries, fences);
        if (appended.kind === "appended") written.push(...entries);
        return appended;
      },
    }),
    wrapCounts: (counts) => countingRefusals(counts, () => void counted++),
    wrapExec: (ports) => ({
      ...ports,
      execRoles: {
        assume: (grant) =>
          ports.execRoles.assume({ ...grant, container: observed.assumesFor ?? grant.container }),
      },
    }),
  });
  // Leaves ExecuteCommand a second and a half before an answer is due.
  gateway.remainingMs = 9_500;
  const onWire = (operation: string) =>
    gateway.emulator.calls.filter((call) => call.operation === operation);

  const observed: ObservedGateway = {
    gateway,
    tokens,
    answers,
    written,
    assumesFor: undefined,
    async post(path, body, who = "dev") {
      const answer = await gateway.as(who)("POST", path, body);
      if (answer.body.session === undefined) {
        answers.push(JSON.stringify([answer.body, answer.headers]));
      }
      return answer;
    },
    execute: (body, who) => observed.post(ROUTE, body, who),
    async decide(decision, { id, digest }) {
      const decided = await observed.post(
        `/v1/requests/${id}/decisions`,
        { decision, digest },
        "lead",
      );
      expect(decided.status, JSON.stringify(decided.body)).toBe(200);
    },
    async during(act) {
      const before = [onWire("ExecuteCommand").length, onWire("TerminateSession").length] as const;
      const [from, countedBefore] = [written.length, counted];
      const result = await act();
      const added = written.slice(from).filter((event) => !saysWhoHolds(event));
      return {
        result,
        events: added.map((event) => JSON.parse(event.leaf)),
        grown: added.map(named),
        held: written.slice(from).filter(saysWhoHolds).map(named),
        counted: counted - countedBefore,
        asked: added
          .map(named)
          .filter((name) => name.startsWith("REQ:"))
          .toSorted(),
        executed: onWire("ExecuteCommand").length - before[0],
        ended: onWire("TerminateSession").length - before[1],
      };
    },
    async refused(body, { status, code, pointer }, { path = ROUTE, who } = {}) {
      const {
        result,
        grown,
        held,
        counted: more,
        executed,
      } = await observed.during(() => observed.post(path, body, who));
      const pointers: string[] = (result.body.issues ?? []).map(
        (issue: { pointer: string }) => issue.pointer,
      );
      expect(
        {
          status: result.status,
          code: result.body.code,
          pointer: pointers.find((one) => one === pointer),
          grown,
          held,
          counted: more,
          executed,
        },
        JSON.stringify(result.body),
      ).toEqual({
        status,
        code,
        pointer,
        held: [],
        ...(unreadable.includes(code)
          ? { grown: [], counted: 0 }
          : more === 1
            ? { grown: [], counted: 1 }
            : {
                grown: [path === ROUTE ? "REFUSED:open.refused" : "REFUSED:call.refused"],
                counted: 0,
              }),
        executed: 0,
      });
      return result.body;
    },
    tasksOf: (cluster, service) =>
      gateway.emulator.fleet.clusters
        .find(({ name }) => name === cluster)
        ?.tasks.filter((t) => t.service === service && t.lastStatus === "RUNNING") ?? [],
    taskOf(cluster, service) {
      const [task] = observed.tasksOf(cluster, service);
      if (task === undefined) throw new Error(`no task of ${service}`);
      return task;
    },
    lastExecuteCommand: () => onWire("ExecuteCommand").at(-1),
    atOnce: () => ({
      cluster: "demo",
      task: observed.taskOf("demo", "payments-api").id,
      container: "app",
      command: "/bin/date",
      interactive: true,
      reason: `case ${++wishes}`,
    }),
    waits: () => ({
      cluster: "demo",
      task: observed.taskOf("demo", "reports").id,
      command: "/bin/uname -r",
      interactive: true,
      reason: `case ${++wishes}`,
    }),
    tokenLeft() {
      const places: [string, string][] = [
        ["answer", answers.join("\n")],
        ["log", gateway.logged.join("\n")],
        ["record", JSON.stringify(written)],
      ];
      const held = tokenSearch(tokens);
      return places.filter(([, text]) => held(text)).map(([name]) => name);
    },
  };
  return observed;
}
