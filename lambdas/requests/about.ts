import { openApiDocument } from "../../api/openapi.ts";
import { emptyQuery, listEventsQuery } from "../../api/query-schemas.ts";
import { type EpochMillis, isoTime } from "../../core/clock.ts";
import { mayAudit } from "../../core/may-read.ts";
import { noRuleLets } from "../../core/no-right.ts";
import { principalText } from "../../core/principal.ts";
import { activatedSet, requireActivated } from "../activated.ts";
import type { Answer, Call } from "../call.ts";
import { parseQuery } from "../chain/parse.ts";
import { callerOf, identify } from "../identify.ts";
import type { RequestsPorts } from "../ports.ts";
import { recordRead } from "../record-read.ts";

export const VERSION = "0.1.0";

/** Who the gateway takes the caller for. Answers even those the directory does not know: with their principal. */
export async function whoami(call: Call, ports: RequestsPorts): Promise<Answer> {
  parseQuery(emptyQuery, call.query);
  const configuration = await activatedSet(ports.events);
  const found =
    configuration === undefined ? undefined : await callerOf(configuration, call.principal, ports);
  const caller = found?.caller;
  return {
    status: 200,
    body: {
      kind: caller?.kind ?? "nobody",
      ...(caller === undefined ? {} : { id: caller.id, name: caller.name }),
      principal: principalText(call.principal),
      groups: caller?.groups ?? [],
      ...groupsSeen(found, configuration?.activatedAt ?? 0),
      ...(configuration === undefined
        ? {}
        : {
            configuration: {
              seq: configuration.seq,
              hash: configuration.hash,
              activatedAt: isoTime(configuration.activatedAt),
            },
          }),
      now: isoTime(ports.clock.now()),
    },
  };
}

/** Where their groups come from and how old that is; or why they are not known. */
function groupsSeen(found: Awaited<ReturnType<typeof callerOf>>, activatedAt: EpochMillis) {
  if (found === undefined) return { groupsFrom: "none" };
  const { caller, told } = found;
  if (told.kind !== "groups") return { groupsFrom: "none", groupsUnknown: told.why };
  const isOfDirectory = caller.groupsFrom === undefined;
  return {
    groupsFrom: caller.groupsFrom ?? "directory",
    groupsAsOf: isoTime(isOfDirectory ? activatedAt : told.asOf),
  };
}

export async function health(call: Call, ports: RequestsPorts): Promise<Answer> {
  parseQuery(emptyQuery, call.query);
  const configuration = await activatedSet(ports.events);
  return {
    status: 200,
    body: {
      status: configuration === undefined ? "not_activated" : "ok",
      ...(configuration === undefined
        ? {}
        : { configuration: { seq: configuration.seq, hash: configuration.hash } }),
      version: VERSION,
      now: isoTime(ports.clock.now()),
    },
  };
}

export async function openapi(call: Call): Promise<Answer> {
  parseQuery(emptyQuery, call.query);
  return { status: 200, body: openApiDocument(VERSION) };
}

/** Stored events of one UTC day, of every chain. For those the rules let `audit`, and for nobody else. */
export async function listEvents(call: Call, ports: RequestsPorts): Promise<Answer> {
  const query = parseQuery(listEventsQuery, call.query);
  const configuration = await requireActivated(ports.events);
  const caller = await identify(configuration, call.principal, ports);
  if (!mayAudit(ports.policy, configuration, caller)) {
    throw noRuleLets("audit", "audit");
  }
  await recordRead(ports, call, configuration, caller, { kind: "events", id: query.day });
  const page = await ports.events.day(query.day, query.cursor);
  return {
    status: 200,
    body: {
      items: page.events,
      ...(page.missing.length === 0 ? {} : { missing: page.missing }),
      ...(page.cursor === undefined ? {} : { cursor: page.cursor }),
      asOf: isoTime(ports.clock.now()),
    },
  };
}
