import { costOf, type Item, type PriceList, summed } from "./prices.ts";
import type { Standing } from "./template.ts";
import { assumed, type Taken, type Tick, type Usage } from "./usage.ts";

const GB = 1e9;
const HOURS_A_MONTH = 730;

/** What a month costs in which nobody does anything. */
export function idleItems(standing: Standing, usage: Usage, prices: PriceList): Item[] {
  const price = (name: string, count: number): number => costOf(prices, name, count);
  const { counts, ticksAMonth } = standing;
  const rounds = Object.entries(ticksAMonth) as [Tick, number][];
  const ticks = rounds.reduce((sum, [, times]) => sum + times, 0);
  const logBytes = (of: Taken): number =>
    of.logBytes + assumed.platformLogBytes.is + assumed.metricLogBytes.is;
  return summed([
    ...[...counts].map(([name, count]) => ({
      what: `${name}s (${count})`,
      usd: price(name, count),
    })),
    {
      what: "functions woken by a clock",
      usd:
        price("invocation", ticks) +
        price("gigabyteSecond", (ticks * standing.gigabytes * assumed.backgroundMs.is) / 1_000),
    },
    ...rounds.flatMap(([tick, times]) => [
      ...taken(usage.ticks[tick], times, prices),
      ...logs(logBytes(usage.ticks[tick]) * times, standing, prices),
    ]),
    ...(standing.isTraced ? [{ what: "traces", usd: price("trace", ticks) }] : []),
  ]);
}

/** What so many sessions a month cost beside that, the record as it is after a year of them. */
export function sessionItems(
  sessions: number,
  standing: Standing,
  usage: Usage,
  prices: PriceList,
): Item[] {
  const price = (name: string, count: number): number => costOf(prices, name, count);
  const polls = (assumed.waitedMinutes.is * 60) / assumed.pollSeconds.is;
  const { session, poll } = usage;
  const calls = Object.values(session.apiCalls).reduce((sum, some) => sum + some, 0);
  // The stream has two readers, and little happens at once.
  const batches = 2 * session.transactions;
  const { busEvents } = session;
  const invocations = calls + polls + batches + busEvents;
  const seconds =
    (calls * assumed.callMs.is + (batches + busEvents) * assumed.backgroundMs.is) / 1_000 +
    assumed.waitedMinutes.is * 60;
  const both: Taken = {
    writeUnits: session.writeUnits + polls * poll.writeUnits,
    readUnits: session.readUnits + polls * poll.readUnits,
    logBytes: session.logBytes + polls * poll.logBytes,
  };
  const logBytes =
    both.logBytes +
    invocations * assumed.platformLogBytes.is +
    (calls + polls) * assumed.accessLogBytes.is;
  // A transaction writes each item at two units for each KB: so much at the most is stored.
  const kept = ((session.writeUnits / 2) * 1_024 * sessions * assumed.keptMonths.is) / GB;
  const seldom = (polls * assumed.pollSeconds.is) / seconds;
  const run = price("gigabyteSecond", seconds * standing.gigabytes * sessions);
  return summed([
    { what: "calls of the API", usd: price("apiCall", (calls + polls) * sessions) },
    { what: "functions while somebody waits", usd: run * seldom },
    {
      what: "functions otherwise",
      usd: run * (1 - seldom) + price("invocation", invocations * sessions),
    },
    ...taken(both, sessions, prices),
    ...logs(logBytes * sessions, standing, prices),
    {
      what: "the record, kept",
      usd: price("tableGigabyte", kept) + price("recoveryGigabyte", kept),
    },
    { what: "events on the bus", usd: price("busEvent", busEvents * sessions) },
    ...(standing.isTraced ? [{ what: "traces", usd: price("trace", invocations * sessions) }] : []),
    ...(standing.hasOwnKey
      ? [{ what: "calls of the own key", usd: price("keyCall", assumed.keyCalls.is * sessions) }]
      : []),
  ]);
}

/** What a VPC's interface endpoints cost, which are not the gateway's and in no template of it. */
export function endpointsUsd({ zones }: Standing, prices: PriceList): number {
  return costOf(prices, "endpointHour", assumed.endpointServices.is * zones * HOURS_A_MONTH);
}

function taken({ writeUnits, readUnits }: Taken, times: number, prices: PriceList): Item[] {
  return [
    { what: "writes to tables", usd: costOf(prices, "writeUnit", writeUnits * times) },
    { what: "reads of tables", usd: costOf(prices, "readUnit", readUnits * times) },
  ];
}

/** Taken in once, and kept as long as configured. */
function logs(bytes: number, { longestLogDays }: Standing, prices: PriceList): Item[] {
  return [
    { what: "logs taken in", usd: costOf(prices, "logGigabyte", bytes / GB) },
    {
      what: "logs kept",
      usd: costOf(prices, "logGigabyteMonth", (bytes / GB) * (longestLogDays / 30)),
    },
  ];
}
