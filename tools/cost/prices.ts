import { readFileSync } from "node:fs";

/** A price of AWS's, as tools/prices has it. */
export interface Price {
  usd: number;
  /** For so many of what it says. */
  per: number;
  what: string;
  source: string;
  /** `quoted`: a page of others quotes it so. `assumed`: confirmed nowhere. */
  status: "quoted" | "assumed";
}

export interface PriceList {
  region: string;
  day: string;
  prices: { [name: string]: Price };
}

export function readPrices(file: URL): PriceList {
  return JSON.parse(readFileSync(file, "utf8")) as PriceList;
}

/** What so many cost. Throws Error for what the list does not have. */
export function costOf({ prices }: PriceList, name: string, count: number): number {
  const price = prices[name];
  if (price === undefined) throw new Error(`the list of prices has no ${name}`);
  return (price.usd * count) / price.per;
}

/** One line of a bill. */
export interface Item {
  what: string;
  usd: number;
}

/** Items of the same name made one, the dearest first. */
export function summed(items: Item[]): Item[] {
  const byName = Map.groupBy(items, ({ what }) => what);
  return [...byName]
    .map(([what, same]) => ({ what, usd: total(same) }))
    .toSorted((a, b) => b.usd - a.usd);
}

export function total(items: Item[]): number {
  return items.reduce((sum, { usd }) => sum + usd, 0);
}
