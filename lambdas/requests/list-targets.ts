import { listTargetsQuery } from "../../api/query-schemas.ts";
import { isoTime } from "../../core/clock.ts";
import { SallyportError } from "../../core/errors.ts";
import { parseTarget } from "../../core/target.ts";
import { requireActivated } from "../activated.ts";
import type { Answer, Call } from "../call.ts";
import { parseQuery } from "../chain/parse.ts";
import { identify } from "../identify.ts";
import { misnamed } from "../misnamed.ts";
import type { RequestsPorts } from "../ports.ts";
import { clustersNamed } from "./clusters-named.ts";
import { targetsIn } from "./targets-in.ts";

/** Running tasks the caller may ask for, one cluster a page, with whether ECS Exec would work there. */
export async function listTargets(call: Call, ports: RequestsPorts): Promise<Answer> {
  const query = parseQuery(listTargetsQuery, call.query);
  const configuration = await requireActivated(ports.events);
  const caller = await identify(configuration, call.principal, ports);
  const clusters = clustersNamed(ports.deployment, query.cluster);
  const at = query.cursor === undefined ? 0 : Number(query.cursor);
  if (!Number.isInteger(at) || at < 0)
    throw new SallyportError("query_invalid", "that cursor is none of ours");
  const arn = clusters[at];
  const service = arn === undefined ? undefined : serviceIn(ports, query, arn);
  const items =
    arn === undefined || service?.kind === "elsewhere"
      ? []
      : await targetsIn(ports, configuration, caller, arn, service?.name);
  return {
    status: 200,
    body: {
      items,
      ...(at + 1 < clusters.length ? { cursor: String(at + 1) } : {}),
      asOf: isoTime(ports.clock.now()),
    },
  };
}

/**
 * The service that is asked for, by its short name, read before anything is looked up: what ECS would make of
 * anything else depends on whether the cluster is there. Throws `target_invalid` or `service_not_found`.
 */
function serviceIn(
  ports: RequestsPorts,
  query: { cluster?: string | undefined; service?: string | undefined },
  cluster: string,
): { kind: "named"; name: string } | { kind: "elsewhere"; name?: undefined } | undefined {
  const { service } = query;
  if (service === undefined) return undefined;
  const parsed = parseTarget({ cluster, service }, ports.deployment.territory);
  if (parsed.kind === "target") return { kind: "named", name: parsed.target.service ?? service };
  // Without a cluster all are gone through, and a service's ARN is of one of them.
  if (query.cluster === undefined && parsed.code === "service_not_found")
    return { kind: "elsewhere" };
  throw misnamed(parsed, "?service");
}
