import { DeleteTableCommand } from "@aws-sdk/client-dynamodb";
import { afterEach, describe, expect, it } from "vitest";
import { type RouteName, routes } from "../../api/routes.ts";
import { SallyportError } from "../../core/errors.ts";
import { readEvent, type StoredEvent } from "../../core/event.ts";
import { defaultRates } from "../../core/rate-limits.ts";
import { type RefusalCounts, refusedChain } from "../../core/refusal-counts.ts";
import { verifyChains } from "../../core/verify-chains.ts";
import { countingRefusals } from "../kit/counted-refusals.ts";
import { engineHere } from "../kit/engine.ts";
import { type Answered, startTestGateway, type TestGateway } from "../kit/gateway.ts";
import { type Profile } from "../kit/profiles.ts";
import { grownBy, named, wholeRecord } from "../kit/record.ts";

/** Everything happens within one minute, which passes only when the test says so. */
const minute = Math.floor(Date.now() / 60_000) * 60_000;
const INTO_MS = 20_000;
const STORM = 1_000;
/** After so many of the storm it is over its limit. */
const OVER_LIMIT = 200;
/** Of the storm, as many are under way at any time, before that and after: here all functions are one process. */
const [ADMITTED_AT_ONCE, AT_ONCE] = [4, 40];
const wish = {
  target: { cluster: "demo", service: "reports" },
  command: "/bin/cat /proc/loadavg",
  reason: "to see how loaded it is",
};
const tooLong = { ...wish, durationMinutes: 600 };

describe.skipIf(!engineHere)("limits by the minute", () => {
  let gateway: TestGateway;
  let counts: RefusalCounts | undefined;
  let byCount = 0;
  let now = minute + INTO_MS;
  const clock = {
    now: () => now,
    sleep: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)),
  };
  type Options = NonNullable<Parameters<typeof startTestGateway>[0]>;
  const start = async (options: Options = {}): Promise<void> => {
    gateway = await startTestGateway({
      clock,
      wrapCounts: (port) => {
        counts = port;
        return countingRefusals(port, () => void byCount++);
      },
      ...options,
    });
  };
  afterEach(async () => {
    await gateway.close();
    now = minute + INTO_MS;
  });

  const post = (who: Profile, path: string, body: unknown = {}) =>
    gateway.as(who)("POST", path, body);
  const ask = (who: Profile, body: object = wish) => post(who, "/v1/requests", body);
  /** Sweeps once the minute's refusals are due to be put on record. */
  const sweepLater = async (): Promise<void> => {
    now = minute + 3 * 60_000;
    await gateway.sweep();
  };

  /** Refusals as the record tells of them: those that are events, and those that are counted. */
  async function onRecord(): Promise<{ events: StoredEvent[]; own: number; counted: number }> {
    const events = await wholeRecord(gateway.events);
    const read = events.map(readEvent);
    return {
      events,
      own: read.filter(({ kind }) => kind.endsWith(".refused")).length,
      counted: read
        .flatMap((event) => (event.kind === "refusals.counted" ? event.data.counts : []))
        .reduce((sum, { times }) => sum + times, 0),
    };
  }
  const countedEvents = (events: StoredEvent[]) =>
    events.map(named).filter((name) => name === "REFUSED:refusals.counted");

  it("T76 hold a storm of one person's to its limit, refuse nobody else, and count every refusal once", async () => {
    await start({ rates: defaultRates });
    // A third is asked for and waits; the others are refused, some of them equally.
    const bodyOf = (n: number): object =>
      [{ ...wish, reason: `${wish.reason}, ${n}` }, { ...tooLong, ticket: `T-${n}` }, tooLong][
        n % 3
      ] ?? wish;
    const stormed: Answered[] = [];
    let next = 0;
    /** So much of the storm, beside which somebody else does something. */
    const during = async (until: number, act: () => Promise<Answered>): Promise<Answered> => {
      const worker = async (): Promise<void> => {
        for (let n = next++; n < until; n = next++) {
          // Under either identity it is one person.
          stormed.push(await ask(n % 2 === 0 ? "dev" : "dev2", bodyOf(n)));
        }
      };
      const atOnce = until <= OVER_LIMIT ? ADMITTED_AT_ONCE : AT_ONCE;
      const storm = Array.from({ length: atOnce }, worker);
      const answer = await act();
      await Promise.all(storm);
      next = until;
      return answer;
    };
    const looked = await during(OVER_LIMIT, () => gateway.as("bot")("GET", "/v1/targets"));
    const asked = await during(400, () => ask("bot"));
    const { id, digest } = asked.body;
    const approval = { decision: "approve", digest };
    const decided = await during(600, () => post("lead", `/v1/requests/${id}/decisions`, approval));
    const opened = await during(800, () => post("bot", `/v1/requests/${id}/sessions`));
    const audited = await during(STORM, () => gateway.as("auditor")("GET", `/v1/requests/${id}`));
    const beside = [looked, asked, decided, opened, audited];
    expect(beside.map(({ status, body }) => [status, body.code])).toEqual(
      [200, 201, 200, 201, 200].map((status) => [status, undefined]),
    );

    const limited = stormed.filter(({ status }) => status === 429);
    expect(limited).toHaveLength(STORM - defaultRates.write);
    expect(new Set(limited.map(({ body }) => body.code))).toEqual(new Set(["rate_limited"]));
    expect(new Set(limited.map(({ headers }) => headers["retry-after"]))).toEqual(new Set(["40"]));
    const refused = stormed.filter(({ body }) => body.code === "refused_by_rule").length;
    const waiting = stormed.filter(({ status }) => status === 201).length;
    expect([refused + waiting, refused > 1, waiting > 1]).toEqual([defaultRates.write, true, true]);

    await sweepLater();
    const { events, own, counted } = await onRecord();
    expect(own + counted).toBe(STORM - waiting);
    expect(own).toBeLessThan(refused);
    expect(countedEvents(events)).toHaveLength(1);
    // All that the storm and the others left: no more than what was admitted, and one event for the rest.
    expect(events.length - 1).toBeLessThanOrEqual(defaultRates.write + 1 + 10);
    expect(verifyChains(events).problems).toEqual([]);

    // The next minute begins anew.
    expect((await ask("dev", { ...wish, reason: "later" })).status).toBe(201);
  }, 240_000);

  it("count the refusals of those whom no rule admits, and make no event of any of them", async () => {
    await start();
    const callers = ["nobody", "stranger"] as const;
    const { grown } = await grownBy(gateway.events, async () => {
      for (const who of [...callers, ...callers]) {
        expect((await ask(who)).status).toBeGreaterThanOrEqual(403);
        await post(who, "/v1/execute-command", { ...wish.target, interactive: true });
      }
    });
    expect(grown).toEqual([]);
    await sweepLater();
    const day = new Date(now).toISOString().slice(0, 10);
    const listed = await gateway.as("auditor")("GET", `/v1/events?day=${day}`);
    const { events } = await onRecord();
    const counted = events.filter(({ chain }) => chain === refusedChain(minute));
    expect(listed.body.items).toEqual(expect.arrayContaining(counted));
    const told = events.map(readEvent).filter((event) => event.kind === "refusals.counted");
    expect(told.map(({ chain }) => chain)).toEqual([refusedChain(minute), refusedChain(minute)]);
    expect(told.map(({ data }) => data.who).toSorted((a, b) => (a.kind < b.kind ? -1 : 1))).toEqual(
      [
        { kind: "person", id: "stranger" },
        { kind: "unknown", id: "111122223333:AIDANOBODY0000000009" },
      ],
    );
    expect(told.flatMap(({ data }) => data.counts)).toEqual([
      { route: "createRequest", code: expect.any(String), times: 2 },
      { route: "createRequest", code: expect.any(String), times: 2 },
    ]);
  });

  it("put each counted refusal on record once, whoever sweeps, dies or comes late", async () => {
    let dies = false;
    await start({
      wrapSweeper: (ports) => ({
        ...ports,
        events: {
          ...ports.events,
          async append(entries, fences) {
            const appended = await ports.events.append(entries, fences);
            if (dies) throw new SallyportError("record_unavailable", "cut off after the append");
            return appended;
          },
        },
      }),
    });
    for (let n = 0; n < 4; n++) await ask("dev", tooLong);
    await ask("nobody");
    const recorded = async () => {
      const { own, counted, events } = await onRecord();
      return [own, counted, countedEvents(events).length];
    };
    expect(await recorded()).toEqual([1, 0, 0]);

    now = minute + 119_999;
    await gateway.sweep();
    expect(await recorded(), "before it is sure that none is still under way").toEqual([1, 0, 0]);

    dies = true;
    await sweepLater();
    dies = false;
    expect(await recorded()).toEqual([1, 4, 2]);
    await Promise.all([gateway.sweep(), gateway.sweep()]);
    expect(await recorded()).toEqual([1, 4, 2]);

    // A function that was slow, or whose clock is behind.
    const who = { kind: "unknown", id: "111122223333:AIDANOBODY0000000009" } as const;
    const late = { who, route: "createRequest", code: "identity_unmapped", equal: null } as const;
    await counts?.count(late, minute + 59_999);
    await Promise.all([gateway.sweep(), gateway.sweep()]);
    expect(await recorded()).toEqual([1, 5, 3]);
    expect(verifyChains((await onRecord()).events).problems).toEqual([]);
  });

  it("put on record in one round whatever was refused, of more callers than one transaction takes", async () => {
    await start();
    const callers = Array.from({ length: 45 }, (_, n) => `111122223333:AIDASTRANGER${n}`);
    for (const id of callers) {
      const who = { kind: "unknown", id } as const;
      const refusal = { who, route: "createRequest", code: "identity_unmapped" } as const;
      await counts?.count({ ...refusal, equal: null }, now);
    }
    await sweepLater();
    const { events, counted } = await onRecord();
    const told = events
      .map(readEvent)
      .flatMap((event) => (event.kind === "refusals.counted" ? event.data.who.id : []));
    expect(told.toSorted()).toEqual(callers.toSorted());
    expect(counted).toBe(45);
    expect(verifyChains(events).problems).toEqual([]);
  });

  it("cost a call that is known to be too much one count and no read", async () => {
    await start({ rates: { ...defaultRates, write: 1 } });
    await ask("dev");
    expect((await ask("dev")).body.code).toBe("rate_limited");
    const sent: string[] = [];
    gateway.dynamodbOf("requests").middlewareStack.add(
      (next, context) => async (args) => {
        sent.push(String(context.commandName));
        return await next(args);
      },
      { step: "initialize", name: "sent" },
    );
    byCount = 0;
    expect((await ask("dev")).body.code).toBe("rate_limited");
    expect([sent, byCount]).toEqual([[], 1]);
    // Others, and the same person's reads, have minutes of their own.
    expect((await ask("bot")).status).toBe(201);
    expect(sent).not.toEqual([]);
    expect((await gateway.as("dev")("GET", "/v1/whoami")).status).toBe(200);
  });

  it("let no more be asked for of one target than it takes, whoever asks, and count no refused ask", async () => {
    await start({ rates: { ...defaultRates, target: 2 } });
    expect((await ask("dev", tooLong)).body.code).toBe("refused_by_rule");
    expect((await ask("dev")).status).toBe(201);
    expect((await ask("bot")).status).toBe(201);
    const { result: third, grown } = await grownBy(gateway.events, () => ask("bot"));
    expect([third.status, third.body.code, grown]).toEqual([429, "rate_limited", []]);
    const elsewhere = { cluster: "demo", service: "payments-api", container: "app" };
    expect((await ask("bot", { ...wish, target: elsewhere })).status).toBe(201);
  });

  it("T82 let nothing through where nothing can be counted: no event, no call to AWS", async () => {
    await start();
    const asked = await ask("dev");
    await gateway.dynamodb.send(new DeleteTableCommand({ TableName: "state" }));
    const before = gateway.emulator.calls.length;
    const named_: { [parameter: string]: string } = { id: asked.body.id, sessionId: "ecs-1" };
    const free: RouteName[] = ["health", "openapi"];
    const { grown } = await grownBy(gateway.events, async () => {
      for (const { name, method, path } of routes) {
        const at = path.replace(/\{(\w+)\}/g, (_, parameter: string) => named_[parameter] ?? "x");
        const answer = await gateway.as("dev")(method, at, method === "GET" ? undefined : {});
        expect([name, answer.status, answer.body.code]).toEqual(
          free.includes(name) ? [name, 200, undefined] : [name, 503, "limits_unavailable"],
        );
      }
    });
    expect([grown, gateway.emulator.calls.length - before]).toEqual([[], 0]);
  });

  it("T82 tell nobody of a refusal that could not be counted", async () => {
    await start({
      wrapCounts: (port) => ({
        ...port,
        count: async () => {
          throw new SallyportError("limits_unavailable", "out of order");
        },
      }),
    });
    const { grown } = await grownBy(gateway.events, async () => {
      for (const answer of [await ask("dev", tooLong), await ask("nobody")]) {
        expect([answer.status, answer.body.code]).toEqual([503, "limits_unavailable"]);
      }
    });
    expect(grown).toEqual([]);
  });
});
