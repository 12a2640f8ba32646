import type * as cedar from "@cedar-policy/cedar-wasm/nodejs";
import type { Question, Resource } from "../core/policy-engine.ts";

/** Everything Cedar is told of one question, but for the rules. */
export type CedarRequest = Pick<
  cedar.AuthorizationCall,
  "principal" | "action" | "resource" | "context" | "entities"
>;

/** The resource that stands for the gateway's own rules. */
export const GATEWAY_ID = "gateway";

const uid = (type: string, id: string): cedar.TypeAndId => ({ type: `Sallyport::${type}`, id });

/**
 * A question in Cedar's terms. Ids are ARNs, so that a rule for one account says nothing about another.
 * Undefined when the question makes no sense: facts where there is no command, or none where there is one.
 */
export function cedarRequest(question: Question): CedarRequest | undefined {
  const { principal, action, resource, facts } = question;
  if ((action === "exec") !== (facts !== undefined)) return undefined;
  if (action === "exec" && resource.kind === "gateway") return undefined;
  const person = uid("Person", principal.id);
  const target = resourceEntities(resource);
  return {
    principal: person,
    action: uid("Action", action),
    resource: target.uid,
    context: facts === undefined ? {} : { ...facts, a: { ...facts.a } },
    entities: [
      {
        uid: person,
        attrs: { groups: principal.groups, program: principal.kind === "program" },
        parents: principal.groups.map((group) => uid("Group", group)),
      },
      ...target.entities,
    ],
  };
}

function resourceEntities(resource: Resource): { uid: cedar.TypeAndId; entities: cedar.Entities } {
  if (resource.kind === "gateway") {
    const gateway = uid("Gateway", GATEWAY_ID);
    return { uid: gateway, entities: [{ uid: gateway, attrs: {}, parents: [] }] };
  }
  const { id, name, clusterArn, clusterName, account, region, tags } = resource;
  const target = uid(resource.kind === "service" ? "Service" : "Family", id);
  const cluster = uid("Cluster", clusterArn);
  const owner = uid("Account", account);
  return {
    uid: target,
    entities: [
      {
        uid: target,
        attrs: { name, cluster: clusterName, clusterArn, account, region },
        parents: [cluster],
        tags,
      },
      { uid: cluster, attrs: {}, parents: [owner] },
      { uid: owner, attrs: {}, parents: [] },
    ],
  };
}
