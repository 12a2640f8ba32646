/**
 * Records chains as this version writes them, for every later one to read: `npm run chains [-- --again]`. Once for
 * each release, into a folder of `test/fixtures/chains/` by its version. What a released version wrote is not written
 * again: --again is for one that is not released yet.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { madeOf } from "./kit/recorded-chains.ts";
import { history } from "./world/history.ts";
import { eventsIn } from "./world/tables.ts";

const { values } = parseArgs({ options: { again: { type: "boolean" } } });
const root = join(import.meta.dirname, "..");
const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  version: string;
};
const folder = join(root, "test/fixtures/chains", version);
if (existsSync(folder) && values.again !== true) {
  console.error(`error: ${version} is recorded already: --again writes it anew`);
  process.exit(1);
}
const { w, underWay } = await history();
const events = eventsIn(w.tables).toSorted((a, b) =>
  a.chain === b.chain ? a.seq - b.seq : a.chain < b.chain ? -1 : 1,
);
const texts = [...w.tables.texts].map(([hash, text]) => ({ hash, text }));
const now = w.clock.now();
const { tableArn } = w.events;
mkdirSync(folder, { recursive: true });
const lines = [...events, ...texts].map((line) => `${JSON.stringify(line)}\n`);
writeFileSync(join(folder, "record.jsonl"), lines.join(""));
const made = { now, tableArn, underWay, ...madeOf(events, now) };
writeFileSync(join(folder, "made.json"), `${JSON.stringify(made, null, 2)}\n`);
console.log(`${version}: ${events.length} events, ${texts.length} texts`);
