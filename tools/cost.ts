import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "aws-cdk-lib";
import { addStacks } from "../lib/deployment.ts";
import { readConfigurationFile } from "../lib/deployment-configuration.ts";
import { endpointsUsd, idleItems, sessionItems } from "./cost/bill.ts";
import { type Item, type PriceList, readPrices, total } from "./cost/prices.ts";
import { type Standing, standingIn, type Template } from "./cost/template.ts";
import { assumed, readUsage, type Usage } from "./cost/usage.ts";

/*
 * What a month of a deployment costs: `node tools/cost.ts [--json] [CONFIGURATION.json …]`, without files for
 * examples/minimal.json and examples/own-everything.json. From the synthesized templates, the calls that were counted
 * (tools/cost/usage.json) and a dated list of prices.
 */

const VOLUMES = [10, 1_000, 100_000];
const list = new URL("prices/us-east-1.2026-11.json", import.meta.url);

interface Bill {
  configuration: string;
  idle: { usd: number; items: Item[] };
  volumes: { sessions: number; usd: number; usdASession: number; largest: Item[] }[];
  /** Interface endpoints of the customer's VPC. */
  besideTheTemplate?: { usd: number };
}

function templatesOf(configuration: string): Template[] {
  const outdir = mkdtempSync(join(tmpdir(), "sallyport-cost-"));
  try {
    const context = { "aws:cdk:bundling-stacks": [] };
    const app = new App({ outdir, context, analyticsReporting: false });
    addStacks(app, readConfigurationFile(configuration));
    return app
      .synth()
      .stacks.map((stack) => JSON.parse(readFileSync(stack.templateFullPath, "utf8")) as Template);
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

function billOf(configuration: string, standing: Standing, prices: PriceList, usage: Usage): Bill {
  const idle = idleItems(standing, usage, prices);
  return {
    configuration,
    idle: { usd: total(idle), items: idle },
    volumes: VOLUMES.map((sessions) => {
      const items = sessionItems(sessions, standing, usage, prices);
      const all = [...idle, ...items].toSorted((a, b) => b.usd - a.usd);
      return {
        sessions,
        usd: total(idle) + total(items),
        usdASession: total(items) / sessions,
        largest: all.slice(0, 3),
      };
    }),
    ...(standing.isInVpc ? { besideTheTemplate: { usd: endpointsUsd(standing, prices) } } : {}),
  };
}

/** What was counted of a session, and which part of it is the watcher's. */
function countedIn({ session, day }: Usage): string {
  const { writeUnits, readUnits, watcher, busEvents } = session;
  return (
    `  counted on ${day}: a session writes ${writeUnits} units to the tables and reads ${readUnits}, ` +
    `of them the watcher ${watcher.writeUnits} and ${watcher.readUnits}, called for ${busEvents} events of CloudTrail's`
  );
}

function printed(bills: Bill[], { region, day, prices }: PriceList, usage: Usage): string {
  const usd = (amount: number): string => `$${amount.toFixed(2)}`;
  const items = (some: Item[]): string =>
    some.map(({ what, usd: amount }) => `${what} ${usd(amount)}`).join(", ");
  const names = (status: string): string =>
    Object.entries(prices)
      .filter(([, price]) => price.status === status)
      .map(([name]) => name)
      .join(", ");
  return [
    `Prices of ${region}, written down on ${day}, each with its page in tools/prices. The free tier is not taken off.`,
    `  quoted by others: ${names("quoted")}`,
    `  ASSUMED, confirmed nowhere: ${names("assumed")}`,
    countedIn(usage),
    ...Object.entries(assumed).map(([name, { is, what }]) => `  assumed: ${name} ${is}, ${what}`),
    ...bills.flatMap(({ configuration, idle, volumes, besideTheTemplate }) => [
      "",
      configuration,
      `  idle, a month  ${usd(idle.usd)}  (${items(idle.items.slice(0, 3))})`,
      ...volumes.map(
        ({ sessions, usd: all, usdASession, largest }) =>
          `  ${String(sessions).padStart(7)} sessions a month  ${usd(all).padStart(10)}  a session $${usdASession.toFixed(4)}  (${items(largest)})`,
      ),
      ...(besideTheTemplate === undefined
        ? []
        : [`  beside the stack: interface endpoints of your VPC, ${usd(besideTheTemplate.usd)}`]),
    ]),
  ].join("\n");
}

try {
  const args = process.argv.slice(2);
  const files = args.filter((arg) => arg !== "--json");
  const configurations =
    files.length > 0 ? files : ["examples/minimal.json", "examples/own-everything.json"];
  const prices = readPrices(list);
  const usage = readUsage();
  const bills = configurations.map((file) =>
    billOf(file, standingIn(templatesOf(file)), prices, usage),
  );
  const isJson = args.includes("--json");
  const { region, day } = prices;
  console.log(
    isJson
      ? JSON.stringify({ region, day, counted: usage.session, assumed, bills }, null, 2)
      : printed(bills, prices, usage),
  );
} catch (error) {
  console.error(`sallyport: error: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
