import type { Command } from "commander";
import { storedEventListSchema } from "../../api/record-schemas.ts";
import { SallyportError } from "../../core/errors.ts";
import { type Actor, type Event, readEvent, type StoredEvent } from "../../core/event.ts";
import { writeActivationTexts } from "../activation-texts.ts";
import { exitCodes } from "../exit-codes.ts";
import { Failure } from "../failure.ts";
import { lockedLines, locksOn } from "../locked-lines.ts";
import { requestLines } from "../request-view.ts";
import { getRequest, requestPath, resolveId } from "../requests.ts";
import { type Shown, shown } from "../shown.ts";
import type { Start } from "../start.ts";
import { forShell } from "../typed-again.ts";

/** One request as it stands, or its chain. */
export function show(command: Command, start: Start): void {
  command
    .argument("<id>", "an id, or any unique end of one")
    .option("--events", "its chain, event by event")
    .option(
      "--texts <dir>",
      "of an activation: write its rules into a new folder, beside those in force",
    )
    .action((text: string, options: { events?: true; texts?: string }) =>
      start.withGateway(async (ctx) => {
        const { api, output } = ctx;
        const id = await resolveId(ctx, text);
        if (options.texts !== undefined) {
          const written = await writeActivationTexts(ctx, await getRequest(ctx, id), options.texts);
          if (output.json) output.value(written);
          else {
            const { asked, inForce } = written;
            output.print(shown`what is asked for: ${asked}`);
            output.print(shown`what is in force: ${inForce}`);
            output.info(
              shown`to compare them: ${["diff", "-ru", inForce, asked].map(forShell).join(" ")}`,
            );
          }
          return undefined;
        }
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
    case "recovery":
      return "the recovery role";
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
