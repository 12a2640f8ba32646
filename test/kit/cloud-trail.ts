import { readdirSync, readFileSync } from "node:fs";

const folder = new URL("../fixtures/cloudtrail/", import.meta.url);

/** The names of the deliveries there are, among what else CloudTrail wrote. */
export const deliveries = readdirSync(folder)
  .filter((name) => name.endsWith(".json"))
  .filter((name) => readFileSync(new URL(name, folder), "utf8").includes('"detail-type"'))
  .map((name) => name.slice(0, -".json".length));

let given = 0;

/**
 * What EventBridge delivers of one call, by the file of that name, with what the gateway of a test did in the places
 * that are left open. Each is a call of its own unless `id` says which.
 */
export function delivery(name: string, fill: { [name: string]: string } = {}): object {
  const values: { [name: string]: string } = {
    id: `0a1b2c3d-0000-4000-8000-${String(++given).padStart(12, "0")}`,
    at: "2026-11-24T08:20:00Z",
    // AWS's id of the credentials that a role is taken up with.
    session: "ASIAEXAMPLEKEY000002",
    ...fill,
  };
  const text = readFileSync(new URL(`${name}.json`, folder), "utf8");
  return JSON.parse(
    text.replaceAll(/\{\{(\w+)\}\}/g, (_, key: string) => {
      const value = values[key];
      if (value === undefined) throw new Error(`${name}.json needs ${key}`);
      return JSON.stringify(value).slice(1, -1);
    }),
  ) as object;
}

/** As CloudTrail writes an instant: whole seconds. */
export function trailTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}
