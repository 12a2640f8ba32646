import { listTargetsQuery } from "../../api/request-schemas.ts";
import { isoTime } from "../../core/clock.ts";
import { SallyportError } from "../../core/errors.ts";
import { parseTarget } from "../../core/target.ts";
import { requireActivated } from "../activated.ts";
import type { Answer, Call } from "../call.ts";
import { parseQuery } from "../chain/parse.ts";
import { identify } from "../identify.ts";
import type { RequestsPorts } from "../ports.ts";
import { targetsIn } from "./targets-in.ts";

/** Running tasks the caller may ask for, one cluster a page, with whether ECS Exec would work there. */
export async function listTargets(call: Call, ports: RequestsPorts): Promise<Answer> {
  const query = parseQuery(listTargetsQuery, call.query);
  const configuration = await requireActivated(ports.events);
  const caller = identify(configuration, call.principal, ports.deployment);
  const clusters =
    query.cluster === undefined
      ? [...ports.deployment.clusters].toSorted()
      : [named(ports, query.cluster)];
  const at = query.cursor === undefined ? 0 : Number(query.cursor);
  if (!Number.isInteger(at) || at < 0)
    throw new SallyportError("query_invalid", "that cursor is none of ours");
  const arn = clusters[at];
  const items =
    arn === undefined ? [] : await targetsIn(ports, configuration, caller, arn, query.service);
  return {
    status: 200,
    body: {
      items,
      ...(at + 1 < clusters.length ? { cursor: String(at + 1) } : {}),
      asOf: isoTime(ports.clock.now()),
    },
  };
}

function named(ports: RequestsPorts, cluster: string): string {
  // Any name of a task will do: only the cluster's own spelling is read.
  const parsed = parseTarget({ cluster, family: "x" }, ports.deployment.territory);
  if (parsed.kind === "invalid") {
    throw new SallyportError(parsed.code, parsed.detail, {
      issues: [{ pointer: "?cluster", detail: parsed.detail }],
    });
  }
  return parsed.target.clusterArn;
}
