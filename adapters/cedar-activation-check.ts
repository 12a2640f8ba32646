import { randomUUID } from "node:crypto";
import { sha256Hex } from "../core/digest.ts";
import type { Directory } from "../core/directory.ts";
import { parseDirectory } from "../core/directory-text.ts";
import { factsOf } from "../core/facts.ts";
import {
  type Action,
  actions,
  type Configuration,
  type Defect,
  type Question,
  type Resource,
  type Verdict,
} from "../core/policy-engine.ts";
import { tally, unordered } from "../core/quorum.ts";
import { cedarRequest } from "./cedar-calls.ts";
import { callEngine } from "./cedar-engine.ts";
import { approvalDefects, automaticDefects, literalDefects } from "./cedar-rule-checks.ts";
import { readRuleSet } from "./cedar-rule-set.ts";

type Judge = (configuration: Configuration, question: Question) => Verdict;

/**
 * Everything that keeps a set of texts from being activated. Besides what is wrong with each text and each
 * rule by itself: a schema that the gateway's questions do not fit, and rules that could never be changed
 * again, since nobody may activate others with the agreement of somebody else.
 */
export function activationDefects(
  texts: { policies: string; schema: string; directory: string },
  judge: Judge,
  onLost: (error: unknown) => void,
): Defect[] {
  const set = readRuleSet(texts, onLost);
  const parsed = parseDirectory(texts.directory);
  const defects = [...set.defects, ...(parsed.kind === "defects" ? parsed.defects : [])];
  for (const rule of set.rules) {
    const found = automaticDefects(rule);
    if (parsed.kind === "directory") {
      found.push(...literalDefects(rule, parsed.directory));
      found.push(...approvalDefects(rule, parsed.directory));
    }
    defects.push(...found.map((detail) => ({ where: rule.id, detail })));
  }
  if (defects.length > 0 || parsed.kind === "defects") return defects;
  const misfits = schemaMisfits(texts.schema, onLost);
  if (misfits.length > 0) return misfits;
  const { directory } = parsed;
  const hash = sha256Hex(`${sha256Hex(texts.policies)} ${sha256Hex(texts.schema)}`);
  const configuration = { seq: 0, hash, ...texts, directory };
  return canBeReplaced(configuration, directory, judge)
    ? []
    : [
        {
          where: "policies",
          detail:
            "nobody may activate other rules with the agreement of somebody else: these could never be replaced",
        },
      ];
}

/** Whether some person may activate, and others who may approve that are enough for a rule of it. */
function canBeReplaced(configuration: Configuration, directory: Directory, judge: Judge): boolean {
  const may = (person: Directory["persons"][number], action: Action): Verdict =>
    judge(configuration, {
      principal: { kind: "person", id: person.id, groups: person.groups },
      action,
      resource: { kind: "gateway" },
    });
  const approvers = directory.persons.filter((person) => may(person, "approve").kind === "permit");
  return directory.persons.some((person) => {
    const verdict = may(person, "activate");
    if (verdict.kind === "deny") return false;
    const others = approvers
      .filter(({ id }) => id !== person.id)
      .map(({ id, groups }) => ({ person: id, groups }));
    return verdict.rules.some((rule) => tally(unordered(rule.needs), others).lacks.length === 0);
  });
}

/** The engine's name for what is being probed; overwritten by each probe, and used by nothing else. */
const PROBE = `probe.${randomUUID()}`;
const SERVICE: Resource & { kind: "service" | "family" } = {
  kind: "service",
  id: "arn:aws:ecs:us-east-1:111122223333:service/cluster/service",
  name: "service",
  clusterArn: "arn:aws:ecs:us-east-1:111122223333:cluster/cluster",
  clusterName: "cluster",
  account: "111122223333",
  region: "us-east-1",
  tags: { team: "payments" },
};
/** Rules and locks are the gateway's own; whatever else there is can be done somewhere. */
const ON_TARGETS = actions.filter((action) => action !== "lock" && action !== "activate");
const ON_GATEWAY: Action[] = ["approve", "revoke", "read", "audit", "lock", "activate"];

/** Asks one question of every kind the gateway asks, of no rules: the engine refuses what does not fit. */
function schemaMisfits(schema: string, onLost: (error: unknown) => void): Defect[] {
  const words = Array.from({ length: 64 }, (_, i) => `word ${i}`);
  const facts = factsOf(words, { ticket: true, windows: false });
  const questions = [
    ...ON_TARGETS.flatMap((action) => [
      { action, resource: SERVICE },
      { action, resource: { ...SERVICE, kind: "family" as const } },
    ]),
    ...ON_GATEWAY.map((action) => ({ action, resource: { kind: "gateway" as const } })),
  ];
  const details = new Set<string>();
  const complain = (what: string, errors: readonly { message: string }[]): void => {
    for (const { message } of errors) details.add(`${what}${message}`);
  };
  const asked = callEngine((engine) => {
    const prepared = [
      engine.preparseSchema(PROBE, schema),
      engine.preparsePolicySet(PROBE, { staticPolicies: {} }),
    ];
    for (const answer of prepared) if (answer.type === "failure") complain("", answer.errors);
    for (const { action, resource } of details.size > 0 ? [] : questions) {
      const request = cedarRequest({
        principal: { kind: "person", id: "person", groups: ["group"] },
        action,
        resource,
        ...(action === "exec" ? { facts } : {}),
      });
      if (request === undefined) throw new TypeError(`no question for ${action}`);
      const names = { preparsedSchemaName: PROBE, preparsedPolicySetId: PROBE };
      const answer = engine.statefulIsAuthorized({ ...request, ...names, validateRequest: true });
      if (answer.type === "failure") complain(`${action}: `, answer.errors);
    }
  }, onLost);
  if (asked.kind === "failed") details.add(asked.why);
  return [...details].map((detail) => ({
    where: "schema",
    detail: `does not fit the gateway: ${detail}`,
  }));
}
