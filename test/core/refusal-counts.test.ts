import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ErrorCode } from "../../core/errors.ts";
import { emptyTail, nextEvent, readEvent, type StoredEvent, tailAfter } from "../../core/event.ts";
import type { RefusalsCounted } from "../../core/kinds/swept.ts";
import { owedOf, type RefusalRow, refusedChain } from "../../core/refusal-counts.ts";
import { verifyChains } from "../../core/verify-chains.ts";

const minute = Date.UTC(2026, 10, 24, 8, 20);
const chain = refusedChain(minute);
const row = (
  id: string,
  times: number,
  more: { equal?: string; route?: string; code?: ErrorCode } = {},
): RefusalRow => ({
  who: { kind: "person", id },
  route: more.route ?? "openSession",
  code: more.code ?? "rate_limited",
  equal: more.equal ?? null,
  times,
});
const sweeper = {
  actor: { kind: "gateway", function: "sweeper", principal: "sallyport-lambda-sweeper" },
  configuration: { seq: 0, hash: "" },
  now: minute + 120_000,
  random: (n: number) => new Uint8Array(n),
} as const;

/** The chain with one event more for each that is owed. */
function after(
  told: StoredEvent[],
  rows: RefusalRow[],
  most = Number.POSITIVE_INFINITY,
): StoredEvent[] {
  const all = [...told];
  for (const body of owedOf(minute, rows, told.map(readEvent)).slice(0, most)) {
    all.push(nextEvent(all.reduce(tailAfter, emptyTail(chain)), body, sweeper));
  }
  return all;
}

function totals(told: StoredEvent[]): { [key: string]: number } {
  const sums: { [key: string]: number } = {};
  for (const event of told.map(readEvent)) {
    if (event.kind !== "refusals.counted") continue;
    for (const { route, code, times } of event.data.counts) {
      const key = `${event.data.who.id} ${route} ${code}`;
      sums[key] = (sums[key] ?? 0) + times;
    }
  }
  return sums;
}

describe("what is owed of a minute", () => {
  it("is one event for each caller, without the first of equal ones", () => {
    const rows = [
      row("dev", 881),
      row("dev", 3, { equal: "a", code: "refused_by_rule", route: "createRequest" }),
      row("dev", 2, { equal: "b", code: "refused_by_rule", route: "createRequest" }),
      row("lead", 1, { equal: "c", code: "digest_stale" }),
      row("sre", 4, { code: "not_approved" }),
    ];
    expect(owedOf(minute, rows, []).map(({ data }) => data)).toEqual([
      {
        minute,
        who: { kind: "person", id: "dev" },
        counts: [
          { route: "createRequest", code: "refused_by_rule", times: 3 },
          { route: "openSession", code: "rate_limited", times: 881 },
        ],
      },
      {
        minute,
        who: { kind: "person", id: "sre" },
        counts: [{ route: "openSession", code: "not_approved", times: 4 }],
      },
    ]);
  });

  it("tells a person from a program and a principal of the same id", () => {
    const of = (kind: "person" | "program" | "unknown") => ({
      ...row("x", 2),
      who: { kind, id: "x" },
    });
    expect(owedOf(minute, [of("person"), of("program"), of("unknown")], [])).toHaveLength(3);
  });

  it("is nothing where the chain tells it, nor where counters were lost since", () => {
    const rows = [row("dev", 5), row("sre", 2)];
    const told = after([], rows);
    expect(owedOf(minute, rows, told.map(readEvent))).toEqual([]);
    expect(owedOf(minute, [row("dev", 1)], told.map(readEvent))).toEqual([]);
    expect(owedOf(minute, [], told.map(readEvent))).toEqual([]);
  });

  it("is told exactly once in the end, however often and however far somebody gets", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            id: fc.constantFrom("dev", "sre", "bot"),
            code: fc.constantFrom<ErrorCode>("rate_limited", "not_approved"),
            equal: fc.constantFrom(null, "a", "b"),
            /** How the row grew while somebody swept, and how many events each of them got to append. */
            grows: fc.array(fc.record({ by: fc.nat(4), appended: fc.nat(3) }), { maxLength: 4 }),
          }),
          { maxLength: 8 },
        ),
        (wanted) => {
          const rows = new Map<string, RefusalRow>();
          let told: StoredEvent[] = [];
          for (let round = 0; round < 4; round++) {
            for (const { id, code, equal, grows } of wanted) {
              const key = `${id} ${code} ${equal ?? ""}`;
              const before = rows.get(key) ?? { ...row(id, 0, { code }), equal };
              rows.set(key, { ...before, times: before.times + (grows[round]?.by ?? 0) });
            }
            const there = [...rows.values()].filter(({ times }) => times > 0);
            told = after(told, there, wanted[0]?.grows[round]?.appended ?? 1);
          }
          const there = [...rows.values()].filter(({ times }) => times > 0);
          told = after(told, there);
          const sums: { [key: string]: number } = {};
          for (const { who, route, code, equal, times } of there) {
            const counted = equal === null ? times : times - 1;
            const key = `${who.id} ${route} ${code}`;
            if (counted > 0) sums[key] = (sums[key] ?? 0) + counted;
          }
          expect(totals(told)).toEqual(sums);
          expect(after(told, there)).toEqual(told);
          expect(verifyChains(told).problems).toEqual([]);
        },
      ),
    );
  });
});

describe("a chain of refusals", () => {
  const counted: RefusalsCounted = {
    minute,
    who: { kind: "person", id: "dev" },
    counts: [{ route: "openSession", code: "rate_limited", times: 1 }],
  };
  const with_ = (
    data: RefusalsCounted,
    on = chain,
    by: Parameters<typeof nextEvent>[2] = sweeper,
  ) => nextEvent(emptyTail(on), { kind: "refusals.counted", data, values: {} }, by);

  it("verifies as the sweeper writes it", () => {
    expect(verifyChains([with_(counted)]).problems).toEqual([]);
  });

  it.each<[string, StoredEvent]>([
    ["another minute than its chain", with_({ ...counted, minute: minute + 60_000 })],
    ["another minute than its chain", with_({ ...counted, minute: minute + 1 })],
    ["another minute than its chain", with_(counted, "REFUSED#call-1")],
    ["before its minute was over", with_(counted, chain, { ...sweeper, now: minute + 59_999 })],
    ["counts nothing", with_({ ...counted, counts: [] })],
    [
      "counts nothing",
      with_({ ...counted, counts: [{ route: "openSession", code: "rate_limited", times: -3 }] }),
    ],
    [
      "not the gateway",
      with_(counted, chain, {
        ...sweeper,
        actor: { kind: "person", person: "dev", principal: "1:AIDA" },
      }),
    ],
  ])("does not verify where an event tells of %s", (what, event) => {
    expect(verifyChains([event]).problems.map((problem) => problem.what)).toEqual([
      expect.stringContaining(what),
    ]);
  });

  it("holds one event where it is a call's own", () => {
    const body = {
      kind: "call.refused",
      data: { route: "getRequest", about: null, code: "not_permitted" },
      values: { detail: "" },
    } as const;
    const first = nextEvent(emptyTail("REFUSED#call-1"), body, sweeper);
    const second = nextEvent(tailAfter(emptyTail("REFUSED#call-1"), first), body, sweeper);
    expect(verifyChains([first]).problems).toEqual([]);
    expect(verifyChains([first, second]).problems).toMatchObject([{ seq: 2 }]);
  });
});
