import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { setImmediate as breathe } from "node:timers/promises";
import type { ApiClient } from "./api-client.ts";
import { collectEvents } from "./collect-events.ts";
import { collectTexts, textsNamed } from "./collect-texts.ts";
import { counted } from "./counted.ts";
import { Failure } from "./failure.ts";
import type { Io, Output } from "./output.ts";
import { readExport } from "./read-export.ts";
import type { Taken } from "./rule-sets.ts";
import { shown } from "./shown.ts";

/** The text of a file that somebody named. Throws Failure. */
export async function textOfFile(io: Pick<Io, "cwd">, file: string): Promise<string> {
  try {
    return await readFile(resolve(io.cwd, file), "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Failure(`${file} cannot be read: ${code ?? ""}`, { cause: error });
  }
}

/** What an export holds; lines that cannot be read are counted. Throws Failure. */
export async function takenFromFile(
  io: Pick<Io, "cwd">,
  file: string,
): Promise<Taken & { unreadable: number }> {
  const { events, texts, unreadable } = readExport(await textOfFile(io, file));
  if (events.length === 0) {
    throw new Failure(`${file}: this is no export: it holds no stored event`, {
      hint: "`sallyport audit export --out FILE` writes one",
    });
  }
  return { events, texts, unreadable: unreadable.length };
}

/** What the record holds of some days, with the whole of each chain and the texts. Throws Failure. */
export async function takenFromDays(
  api: ApiClient,
  output: Output,
  days: readonly string[],
): Promise<Taken> {
  const spinner = output.spinner("reading the record");
  try {
    const { events } = await collectEvents(api, days, (what, found) =>
      spinner.update(shown`reading ${what}: ${counted(found, "event")} so far`),
    );
    const { texts } = await collectTexts(api, textsNamed(events));
    return { events, texts: new Map(texts.map(({ hash, text }) => [hash, text])) };
  } finally {
    spinner.stop();
  }
}

const BETWEEN_BREATHS = 25;

/** Goes through work that nothing interrupts, so that a person sees how far it is. */
export async function withProgress<T>(
  output: Output,
  what: string,
  items: Iterable<T>,
  take: (item: T) => void,
): Promise<void> {
  const spinner = output.spinner(what);
  let done = 0;
  try {
    for (const item of items) {
      take(item);
      done += 1;
      if (done % BETWEEN_BREATHS !== 0) continue;
      spinner.update(shown`${what}: ${done} so far`);
      await breathe();
    }
  } finally {
    spinner.stop();
  }
}
