import type { Command } from "commander";
import { storedEventListSchema } from "../../api/record-schemas.ts";
import { SallyportError } from "../../core/errors.ts";
import { type Actor, type Event, readEvent, type StoredEvent } from "../../core/event.ts";
import { exitCodes } from "../exit-codes.ts";
import { Failure } from "../failure.ts";
import { lockedLines, locksOn } from "../locked-lines.ts";
import { requestLines } from "../request-view.ts";
import { getRequest, requestPath, resolveId } from "../requests.ts";
import { type Shown, shown } from "../shown.ts";
import type { Start } from "../start.ts";

/** One request as it stands, or its chain. */
export function show(command: Command, start: Start): void {
  command
    .argument("<id>", "an id, or any unique end of one")
    .option("--events", "its chain, event by event")
    .action((text: string, options: { events?: true }) =>
      start.withGateway(async (ctx) => {
        const { api, output } = ctx;
        const id = await resolveId(ctx, text);
        if (options.events !== true) {
          const request = await getRequest(ctx, id);
          if (output.json) {
            output.value(request);
            return undefined;
          }
          const locks = await locksOn(ctx, request).catch((error: unknown) => {
            if (!(error instanceof Failure)) throw error;
            output.info(shown`whether a lock stops it cannot be told: ${error.said}`);
            return [];
          });
          for (const line of requestLines(request, locks)) output.print(line);
          for (const line of lockedLines(request, locks)) output.print(line);
          return undefined;
        }
        const list = await api.call("GET", requestPath(id, "/events"), {
          schema: storedEventListSchema,
        });
        if (output.json) {
          output.value(list);
          return undefined;
        }
        for (const stored of list.items) {
          for (const line of eventLines(readable(stored as StoredEvent))) output.print(line);
        }
        return undefined;
      }),
    );
}

function readable(stored: StoredEvent): Event {
  try {
    return readEvent(stored);
  } catch (error) {
    if (!(error instanceof SallyportError)) throw error;
    throw new Failure(`${error.message}: the record does not verify`, {
      exitCode: exitCodes.failed,
      cause: error,
    });
  }
}

function actorName(actor: Actor): string {
  switch (actor.kind) {
    case "program":
      return actor.program;
    case "gateway":
      return `the gateway's ${actor.function}`;
    case "unknown":
      return "nobody";
    case "bootstrap":
    case "person":
      return actor.person;
  }
}

function eventLines(event: Event): Shown[] {
  const { actor } = event;
  const who = actorName(event.actor);
  return [
    shown`#${event.seq} ${new Date(event.at).toISOString()} ${event.kind} by ${who} (${actor.principal}), rules #${event.configuration.seq}`,
    ...Object.entries(event.data).map(
      ([name, value]) => shown`    ${name}: ${JSON.stringify(value)}`,
    ),
    ...Object.entries(event.values).map(
      ([name, value]) => shown`    ${name}: ${JSON.stringify(value)}`,
    ),
    ...Object.keys(event.commits)
      .filter((name) => !Object.hasOwn(event.values, name))
      .map((name) => shown`    ${name}: erased`),
  ];
}
