import type { Command } from "commander";
import { lockListSchema, lockSchema } from "../../api/response-schemas.ts";
import { requestIdPattern } from "../../core/ids.ts";
import { lockKinds } from "../../core/locks.ts";
import type { Context } from "../context.ts";
import { parseDuration } from "../durations.ts";
import { Failure, usage } from "../failure.ts";
import { lockLine, unlockText } from "../lock-view.ts";
import { readable } from "../readable.ts";
import { shown } from "../shown.ts";
import type { Start } from "../start.ts";
import { typedAgain } from "../typed-again.ts";

/** As the gateway takes it. */
const LONGEST_MINUTES = 43_200;

/** Stops somebody or something at once. */
export function lock(command: Command, start: Start): void {
  command
    .argument(`<${lockKinds.join("|")}>`)
    .argument("<name>", "an id, a group, a cluster, or a service or task as [CLUSTER/]NAME")
    .requiredOption("--reason <text>", "why; shown to whoever is stopped by it")
    .option("--for <duration>", "such as 2h; otherwise until two persons unlock it")
    .action((kind: string, name: string, options: { reason: string; for?: string }) =>
      start.withGateway(async ({ api, output, settings }) => {
        if (!(lockKinds as readonly string[]).includes(kind)) {
          throw usage(`nothing of that kind is locked: ${kind}`, `it is ${lockKinds.join(", ")}`);
        }
        const reason = readable("--reason", options.reason);
        const durationMinutes = options.for === undefined ? undefined : minutes(options.for);
        const set = await api.call("POST", "/v1/locks", {
          body: { subject: { kind, id: name }, reason, durationMinutes },
          schema: lockSchema,
        });
        if (output.json) {
          output.value(set);
          return undefined;
        }
        output.print(shown`locked as ${set.id}: ${lockLine(set)}`);
        if (set.warning !== undefined) {
          const back = typedAgain(settings, "unlock", set.id);
          output.print(
            shown`warning: it stops nothing now: ${set.warning}; to take it back: ${back}`,
          );
        }
        const list = typedAgain(settings, "sessions");
        output.print(shown`sessions that it covers are being ended; \`${list}\` lists them`);
        output.print(shown`${unlockText(set)}`);
        output.info(shown`to unlock it: ${typedAgain(settings, "unlock", set.id)}`);
        return undefined;
      }),
    );
}

/** One of the two that unlocking takes. */
export function unlock(command: Command, start: Start): void {
  command
    .argument("<id>", "an id, or any unique end of one")
    .option("--reason <text>", "why it may go on; kept on record")
    .action((text: string, { reason }: { reason?: string }) =>
      start.withGateway(async (ctx) => {
        const { api, output } = ctx;
        const comment = readable("--reason", reason);
        const id = await resolveLock(ctx, text);
        const left = await api.call("DELETE", `/v1/locks/${encodeURIComponent(id)}`, {
          body: { comment },
          schema: lockSchema,
        });
        if (output.json) {
          output.value(left);
          return undefined;
        }
        if (left.stands) {
          output.print(shown`lock ${left.id} still stands: unlocking takes two persons`);
          output.print(shown`${unlockText(left)}`);
        } else output.print(shown`unlocked: ${lockLine(left)}`);
        return undefined;
      }),
    );
}

/** What is locked, as far as one may see it. */
export function locks(command: Command, start: Start): void {
  command.action(() =>
    start.withGateway(async ({ api, output }) => {
      const list = await api.call("GET", "/v1/locks", { schema: lockListSchema });
      if (output.json) {
        output.value(list);
        return undefined;
      }
      if (list.items.length === 0) {
        output.info("no locks that you may see");
        return undefined;
      }
      output.table([
        ["LOCK", "WHAT", "BY", "SINCE", "UNTIL", "UNLOCKING", "REASON"],
        ...list.items.map((item) => [
          shown`${item.id}`,
          shown`${item.subject.kind} ${item.subject.id}`,
          shown`${item.by}`,
          shown`${item.at}`,
          shown`${item.expiresAt ?? "it is unlocked"}`,
          item.release === undefined ? "" : shown`asked by ${item.release.person}`,
          shown`${item.reason}`,
        ]),
      ]);
      return undefined;
    }),
  );
}

function minutes(text: string): number {
  const whole = parseDuration(text, "--for") / 60_000;
  if (Number.isInteger(whole) && whole >= 1 && whole <= LONGEST_MINUTES) return whole;
  throw usage(`--for takes whole minutes from 1m to 720h, not ${text}`);
}

/** The lock whose id this is, or ends so. */
async function resolveLock({ api }: Context, text: string): Promise<string> {
  const tail = text.toLowerCase();
  if (requestIdPattern.test(tail)) return tail;
  const { items } = await api.call("GET", "/v1/locks", { schema: lockListSchema });
  const [found, other] = items.filter(({ id }) => id.endsWith(tail));
  if (found !== undefined && other === undefined) return found.id;
  throw new Failure(
    found === undefined
      ? `no lock that you may see ends in ${text}`
      : `several locks end in ${text}`,
    { hint: "`sallyport locks` lists them" },
  );
}
