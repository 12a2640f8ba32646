import { once } from "node:events";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { StoredEvent } from "../../core/event.ts";
import { verifyChains } from "../../core/verify-chains.ts";
import { pausePoints } from "../../local/pauses.ts";
import { engineHere } from "../kit/engine.ts";
import {
  type GatewayProcess,
  keysOf,
  killGroup,
  startGatewayProcess,
} from "../kit/gateway-process.ts";
import { looked } from "../kit/looks.ts";
import { type Answer, signedFetch } from "../kit/signed-fetch.ts";

/*
 * Killed at any moment of an open, and started again: every chain verifies, and whoever holds the id of a
 * session can point to the event by which it was handed over. The client writes an id down before it does
 * anything else with it.
 */

const slowGateway = fileURLToPath(new URL("../kit/slow-gateway.ts", import.meta.url));
const seed = Number(process.env["SEED"] ?? Date.now() & 0x7fffffff);

describe.skipIf(!engineHere)(`a gateway that is killed (seed ${seed})`, () => {
  let folder: string;
  let stateDir: string;
  let received: string;
  let gateway: GatewayProcess;
  const started: GatewayProcess[] = [];

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "sallyport-killed-"));
    inState("state");
  });
  function inState(name: string): void {
    stateDir = join(folder, name);
    received = join(folder, `${name}-received`);
    writeFileSync(received, "");
  }
  // Whatever became of a test, no gateway outlives it.
  afterEach(() => {
    for (const { child } of started.splice(0)) killGroup(child);
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  async function start(program?: readonly [string, ...string[]]): Promise<void> {
    gateway = await startGatewayProcess(stateDir, program);
    started.push(gateway);
  }

  const call = (who: string, method: "GET" | "POST", path: string, body?: unknown) =>
    signedFetch(gateway.api, keysOf(stateDir, who), { method, path, body });

  async function approved(): Promise<string> {
    const asked = await call("dev", "POST", "/v1/requests", {
      target: { cluster: "demo", service: "payments-api", container: "app" },
      command: "/bin/date",
      reason: "what time it is there",
    });
    expect(asked.status, asked.text).toBe(201);
    return (asked.json as { id: string }).id;
  }

  /** Undefined where the connection was lost with the gateway. */
  async function open(id: string): Promise<Answer | undefined> {
    const answer = await call("dev", "POST", `/v1/requests/${id}/sessions`, {}).catch(
      () => undefined,
    );
    if (answer?.status === 201) {
      const { session } = answer.json as { session: { sessionId: string } };
      appendFileSync(received, `${session.sessionId}\n`);
    }
    return answer;
  }

  /** Through the control endpoint, by the token in the state folder. */
  async function control(method: string, path: string, body?: unknown) {
    const { url, token } = JSON.parse(readFileSync(join(stateDir, "control.json"), "utf8")) as {
      url: string;
      token: string;
    };
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    expect(answer.status).toBe(200);
    return (await answer.json()) as { items: { point: string; waiting: number }[] };
  }

  async function kill(): Promise<void> {
    const exited = once(gateway.child, "exit");
    process.kill(gateway.pid, "SIGKILL");
    await exited;
  }

  async function stored(): Promise<StoredEvent[]> {
    looked("record");
    const items: StoredEvent[] = [];
    const today = Date.now();
    for (const day of [today - 86_400_000, today].map((at) =>
      new Date(at).toISOString().slice(0, 10),
    )) {
      let cursor = "";
      do {
        const page = await call("auditor", "GET", `/v1/events?day=${day}${cursor}`);
        expect(page.status, page.text).toBe(200);
        const { items: some, cursor: next } = page.json as {
          items: StoredEvent[];
          cursor?: string;
        };
        items.push(...some);
        cursor = next === undefined ? "" : `&cursor=${next}`;
      } while (cursor !== "");
    }
    return items;
  }

  /** Answers what is stored. */
  async function expectRecordKept(): Promise<StoredEvent[]> {
    const events = await stored();
    expect(verifyChains(events).problems).toEqual([]);
    const handedOver = new Set(
      events
        .map(
          (event) =>
            JSON.parse(event.leaf) as {
              kind: string;
              data: { sessionId?: string; delivered?: boolean };
            },
        )
        .filter(({ kind, data }) => kind === "session.opened" && data.delivered === true)
        .map(({ data }) => data.sessionId),
    );
    const ids = readFileSync(received, "utf8").split("\n").filter(Boolean);
    expect(ids.filter((id) => !handedOver.has(id))).toEqual([]);
    return events;
  }

  /** What stands on record of the open, and what its requester is told, once the gateway is back. */
  const afterwards: { [point in (typeof pausePoints)[number]]: { kinds: string[]; code: string } } =
    {
      "before-intent": { kinds: [], code: "opened" },
      "after-intent": { kinds: ["exec.intent"], code: "session_already_opened" },
      "after-execute-command": { kinds: ["exec.intent"], code: "session_already_opened" },
      "after-session-opened": {
        kinds: ["exec.intent", "session.opened"],
        code: "session_already_opened",
      },
      "while-answering": {
        kinds: ["exec.intent", "session.opened"],
        code: "session_already_opened",
      },
    };

  it.each(pausePoints)(
    "T01 %s, hands nothing over twice and keeps the record whole",
    async (point) => {
      await start();
      const id = await approved();
      await control("POST", "/pauses", { point });
      const opening = open(id);
      await expect
        .poll(
          async () =>
            (await control("GET", "/pauses")).items.find((p) => p.point === point)?.waiting,
          {
            timeout: 10_000,
          },
        )
        .toBe(1);
      await kill();
      expect(await opening).toBeUndefined();

      await start();
      const events = (await expectRecordKept()).filter((event) => event.chain === `REQ#${id}`);
      const kinds = events.map((event) => (JSON.parse(event.leaf) as { kind: string }).kind);
      // That its session went with the gateway may have been noticed already.
      const noticed = kinds.filter(
        (kind) => kind !== "session.ended" && kind !== "request.expired",
      );
      expect(noticed.slice(1)).toEqual(afterwards[point].kinds);
      const again = await open(id);
      if (again === undefined) throw new Error("the gateway is gone again");
      const code = again.status === 201 ? "opened" : (again.json as { code: string }).code;
      expect(code).toBe(afterwards[point].code);
    },
  );

  /** Requests that were stopped with their intent on record and no outcome. */
  const between = new Set<string>();
  let handed = 0;
  const moments = fc.sample(fc.integer({ min: 0, max: 500 }), { seed, numRuns: 10 });
  it.each(moments)(
    "%i ms after the first of many opens came to be stored, keeps the record whole",
    async (ms) => {
      // A state of its own: what was cut short before holds its person's places until it is settled.
      inState(`after-${ms}`);
      await start([process.execPath, slowGateway]);
      let over = false;
      const openOneAfterTheOther = async (): Promise<void> => {
        while (!over) {
          const id = await approved().catch((error: unknown) => {
            if (!over) throw error;
          });
          if (id !== undefined) await open(id);
        }
      };
      const opening = Promise.all(Array.from({ length: 4 }, openOneAfterTheOther));
      await expect.poll(() => gateway.printed(), { timeout: 20_000 }).toContain("about to store");
      await new Promise((resolve) => setTimeout(resolve, ms));
      over = true;
      await kill();
      await opening;
      await start();
      const last = new Map<string, string>();
      for (const { chain, leaf } of await expectRecordKept()) {
        last.set(chain, (JSON.parse(leaf) as { kind: string }).kind);
      }
      for (const [chain, kind] of last) {
        if (kind === "exec.intent") between.add(chain);
      }
      handed += readFileSync(received, "utf8").split("\n").filter(Boolean).length;
    },
  );

  it("was killed between an intent and its outcome, and handed sessions over, or none of this was a test", () => {
    expect(between.size).toBeGreaterThan(0);
    expect(handed).toBeGreaterThan(0);
  });
});
