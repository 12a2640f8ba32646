import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { idleItems, sessionItems } from "../../tools/cost/bill.ts";
import { costOf, readPrices, total } from "../../tools/cost/prices.ts";
import { standingIn, type Template } from "../../tools/cost/template.ts";
import { assumed, readUsage } from "../../tools/cost/usage.ts";
import { exampleConfigurations, synthesizedExample } from "../kit/synthesized-example.ts";

const prices = readPrices(new URL("../../tools/prices/us-east-1.2026-11.json", import.meta.url));
const usage = readUsage();

function templatesOf(example: string): Template[] {
  const { outdir, templates } = synthesizedExample(example);
  try {
    return templates.map((file) => JSON.parse(readFileSync(file, "utf8")) as Template);
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

const minimal = templatesOf("minimal.json");
const idle = (templates: Template[]): number =>
  total(idleItems(standingIn(templates), usage, prices));
/** The minimal stacks with something more in them. */
const grown = (Type: string, Properties: { [name: string]: unknown } = {}): Template[] => [
  ...minimal,
  { Resources: { More: { Type, Properties } } },
];

describe("what a deployment costs", () => {
  it.each(exampleConfigurations)("is known of all that examples/%s makes", (example) => {
    const standing = standingIn(templatesOf(example));
    expect(total(idleItems(standing, usage, prices))).toBeGreaterThan(0);
  });

  it("is not told of a stack with something in it that is neither priced nor free", () => {
    expect(() => idle(grown("AWS::EC2::NatGateway"))).toThrow(
      "AWS::EC2::NatGateway is neither priced nor listed as free: say which in tools/cost/template.ts",
    );
    expect(() =>
      idle(grown("AWS::Events::Rule", { ScheduleExpression: "at(tomorrow)", Targets: [{}] })),
    ).toThrow("the schedule at(tomorrow) is not read");
  });

  it("follows from the template: an alarm, a metric, a key, a page and a clock more", () => {
    const more = (...args: Parameters<typeof grown>) => idle(grown(...args)) - idle(minimal);
    const usd = (name: string) => prices.prices[name]?.usd ?? Number.NaN;
    expect(more("AWS::CloudWatch::Alarm", { Namespace: "AWS/Lambda" })).toBeCloseTo(usd("alarm"));
    expect(
      more("AWS::CloudWatch::Alarm", { Namespace: "Sallyport", MetricName: "Another" }),
    ).toBeCloseTo(usd("alarm") + usd("metric"));
    expect(more("AWS::KMS::Key")).toBeCloseTo(usd("key"));
    expect(more("AWS::CloudWatch::Dashboard")).toBeCloseTo(usd("dashboard"));
    const clock = (rate: string) =>
      more("AWS::Events::Rule", { ScheduleExpression: rate, Targets: [{}] });
    expect(clock("rate(1 minute)")).toBeGreaterThan(0.1);
    expect(clock("rate(1 minute)") / clock("rate(1 hour)")).toBeCloseTo(60);
    // By what the clock's round was counted to take: the watcher's for sessions reads no table.
    const asks = (task: string) =>
      more("AWS::Events::Rule", {
        ScheduleExpression: "rate(1 minute)",
        Targets: [{ Input: JSON.stringify({ task }) }],
      });
    expect(asks("sessions")).toBeLessThan(asks("compare"));
    expect(asks("compare")).toBeLessThan(clock("rate(1 minute)"));
    expect(() => asks("another")).toThrow("the round another is not counted");
    expect(more("AWS::IAM::Role")).toBe(0);
  });

  it("grows with its sessions and with nothing else", () => {
    const standing = standingIn(minimal);
    const of = (sessions: number) => total(sessionItems(sessions, standing, usage, prices));
    expect(of(0)).toBe(0);
    expect(of(10)).toBeGreaterThan(0);
    expect(of(100_000)).toBeCloseTo(10_000 * of(10));
  });

  it("has the watcher in it: what it takes of the tables, and a call for each event of CloudTrail's", () => {
    const standing = standingIn(minimal);
    expect(standing.ticksAMonth).toEqual({
      sweep: 43_800,
      compare: 8_760,
      sessions: 730,
      again: 43_800 / 1_440,
    });
    const { watcher, busEvents, writeUnits, readUnits } = usage.session;
    // One transaction of five items and the mark of a round, and for each event a look whether it was told before.
    expect(watcher.writeUnits).toBeGreaterThanOrEqual(10);
    expect(watcher.readUnits).toBeGreaterThanOrEqual(busEvents);
    expect(writeUnits).toBeGreaterThan(watcher.writeUnits);
    expect(readUnits).toBeGreaterThan(watcher.readUnits);
    const of = (session: Partial<typeof usage.session>) =>
      total(
        sessionItems(
          1_000,
          standing,
          { ...usage, session: { ...usage.session, ...session } },
          prices,
        ),
      );
    const price = (name: string, count: number) => costOf(prices, name, 1_000 * count);
    const seconds = assumed.backgroundMs.is / 1_000;
    expect(of({ busEvents: busEvents + 1 }) - of({})).toBeGreaterThan(
      price("busEvent", 1) +
        price("invocation", 1) +
        price("gigabyteSecond", seconds * standing.gigabytes),
    );
  });

  it("is told with its sum, the three largest items of each volume, and what was assumed", () => {
    const root = fileURLToPath(new URL("../..", import.meta.url));
    const run = (...args: string[]) =>
      spawnSync(process.execPath, ["tools/cost.ts", ...args], { cwd: root, encoding: "utf8" });
    const { bills } = JSON.parse(run("--json", "examples/minimal.json").stdout);
    const [{ idle: idling, volumes }] = bills;
    expect(idling.usd).toBeCloseTo(idle(minimal));
    expect(volumes.map((volume: { sessions: number }) => volume.sessions)).toEqual([
      10, 1_000, 100_000,
    ]);
    for (const { sessions, usd, usdASession, largest } of volumes) {
      expect(usd).toBeCloseTo(idling.usd + sessions * usdASession);
      expect(largest).toHaveLength(3);
    }
    const { stdout } = run("examples/own-everything.json");
    expect(stdout).toContain("The free tier is not taken off.");
    expect(stdout).toMatch(
      /^ {2}counted on \S+: a session writes \d+ .* reads \d+, of them the watcher \d+ and \d+, called for \d+ /m,
    );
    expect(stdout).toMatch(/^ {2}ASSUMED, confirmed nowhere: .*\balarm\b/m);
    expect(stdout).toMatch(/^ {2}beside the stack: interface endpoints of your VPC, \$/m);
    const wrong = run("package.json");
    expect([wrong.status, wrong.stdout]).toEqual([1, ""]);
    expect(wrong.stderr).toMatch(
      /^sallyport: error: the deployment's configuration cannot be used/,
    );
  });
});

describe("the list of prices", () => {
  it("says of each where AWS tells it, and whether anybody confirmed it", () => {
    for (const [name, price] of Object.entries(prices.prices)) {
      expect(price.source, name).toMatch(/^https:\/\/aws\.amazon\.com\/.*pricing\/$/);
      expect(["quoted", "assumed"], name).toContain(price.status);
      expect("by" in price, name).toBe(price.status === "quoted");
    }
  });
});

describe("the gateway's own metrics", () => {
  it.each(exampleConfigurations)("are twelve at most in examples/%s", (example) => {
    const count = standingIn(templatesOf(example)).counts.get("metric") ?? 0;
    expect(count).toBeGreaterThan(0);
    expect(count).toBeLessThanOrEqual(12);
  });
});
