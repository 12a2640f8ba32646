import { breakingGlass } from "./emergency-rules.ts";
import { checkCommand } from "./facts.ts";
import {
  type Action,
  actions,
  type Configuration,
  isAction,
  type Need,
  type PolicyEngine,
  type Question,
  type Resource,
  type Verdict,
} from "./policy-engine.ts";
import { parseStrictJson } from "./strict-json.ts";

/** What somebody wants to do, in the words of whoever writes rules. */
export interface PolicyWish {
  /** Id of a person or program of the directory. */
  who: string;
  action: Action;
  on:
    | "gateway"
    | {
        /** `cluster/service`; one of this and `family`. */
        service?: string;
        /** `cluster/family` of tasks in no service. */
        family?: string;
        tags: { [key: string]: string };
        account?: string;
        region?: string;
      };
  command?: string;
  ticket?: boolean;
  /** In an emergency: by the rules that are for one. */
  breakGlass?: boolean;
}

/** A wish and what the rules must make of it. */
export interface PolicyCase extends PolicyWish {
  mayAskThere?: boolean;
  /** For a deny. */
  why?: "no_permit" | "forbid" | "error";
  /** Ids of the rules that decide; of permits, with what each needs, as `group:count`. */
  rules: string[] | { [id: string]: string[] };
}

export type Parsed<T> = ({ kind: "ok" } & T) | { kind: "invalid"; why: string };

const WHYS: readonly unknown[] = [undefined, "no_permit", "forbid", "error"];
const MEMBERS = [
  "who",
  "action",
  "on",
  "command",
  "ticket",
  "breakGlass",
  "mayAskThere",
  "why",
  "rules",
];
const PLACE = ["service", "family", "tags", "account", "region"];

/** Reads one case. Nothing in it is passed over: a member nobody knows makes the whole invalid. */
export function parsePolicyCase(text: string): Parsed<{ given: PolicyCase }> {
  const invalid = (why: string) => ({ kind: "invalid", why }) as const;
  const parsed = parseStrictJson(text);
  if (parsed.kind === "invalid") return invalid(parsed.issues[0]?.detail ?? "no JSON");
  const given = parsed.value;
  if (!isObject(given)) return invalid("a case is an object");
  const stray = Object.keys(given).find((member) => !MEMBERS.includes(member));
  if (stray !== undefined) return invalid(`no case has a member ${JSON.stringify(stray)}`);
  const { who, action, on, command, ticket, breakGlass, mayAskThere, why, rules } = given;
  if (typeof who !== "string") return invalid("`who` is the id of somebody in the directory");
  if (typeof action !== "string" || !isAction(action)) {
    return invalid(`\`action\` is one of ${actions.join(", ")}`);
  }
  if (on !== "gateway") {
    if (!isObject(on) || !isTexts(on["tags"])) {
      return invalid('`on` is "gateway", or has a `service` or `family`, and `tags`');
    }
    const stranger = Object.keys(on).find((member) => !PLACE.includes(member));
    if (stranger !== undefined) return invalid(`\`on\` has no member ${JSON.stringify(stranger)}`);
    const [name, both] = [on["service"], on["family"]].filter((one) => one !== undefined);
    if (typeof name !== "string" || both !== undefined || !/^[^/]+\/[^/]+$/.test(name)) {
      return invalid("`on` names one of `service` and `family`, as cluster/name");
    }
  }
  if (command !== undefined && typeof command !== "string") return invalid("`command` is a text");
  if ((command === undefined) === (action === "exec")) {
    return invalid("`command` is given for exec, and for nothing else");
  }
  const flags = [ticket, breakGlass, mayAskThere];
  if (!flags.every((flag) => flag === undefined || typeof flag === "boolean")) {
    return invalid("`ticket`, `breakGlass` and `mayAskThere` are true or false");
  }
  if (!WHYS.includes(why)) return invalid("`why` is no_permit, forbid or error");
  const lists = Array.isArray(rules) ? [rules] : isObject(rules) ? Object.values(rules) : undefined;
  if (!lists?.every((list) => Array.isArray(list) && list.every((id) => typeof id === "string"))) {
    return invalid("`rules` is a list of ids, or what each permit needs by its id");
  }
  return { kind: "ok", given: given as unknown as PolicyCase };
}

/** The question that a wish is to the rules. */
export function questionOf(
  wish: PolicyWish,
  configuration: Configuration,
): Parsed<{ question: Question }> {
  const { directory } = configuration;
  const known = [...directory.persons, ...directory.programs].find(({ id }) => id === wish.who);
  if (known === undefined) return { kind: "invalid", why: `${wish.who} is not in the directory` };
  const question: Question = {
    principal: { kind: known.kind, id: known.id, groups: known.groups },
    action: wish.action,
    resource: resourceOf(wish),
  };
  if (wish.command === undefined) return { kind: "ok", question };
  const checked = checkCommand(wish.command, { ticket: wish.ticket ?? false, windows: false });
  return checked.kind === "ok"
    ? { kind: "ok", question: { ...question, facts: checked.facts } }
    : { kind: "invalid", why: checked.issue.detail };
}

/** Where and how the rules make something else of a case than it says; empty where they agree. */
export function judgePolicyCase(
  engine: PolicyEngine,
  configuration: Configuration,
  given: PolicyCase,
  expected: "allow" | "deny",
): string[] {
  const read = questionOf(given, configuration);
  if (read.kind === "invalid") return [read.why];
  const { question } = read;
  const rules = given.breakGlass === true ? breakingGlass(engine) : engine;
  const verdict = rules.judge(configuration, question);
  const differences: string[] = [];
  const compare = (what: string, wanted: unknown, got: unknown): void => {
    const [a, b] = [wanted, got].map((value) => JSON.stringify(value) ?? "nothing");
    if (a !== b) differences.push(`${what}: the case says ${a}, the rules ${b}`);
  };
  compare("outcome", expected, verdict.kind === "permit" ? "allow" : "deny");
  if (expected === "deny") {
    compare("why", given.why, verdict.kind === "deny" ? verdict.why : undefined);
  }
  compare("rules", sorted(given.rules), sorted(decidingRules(verdict)));
  if (question.action === "exec") {
    const may = rules.mayAskThere(configuration, question.principal, question.resource);
    compare("mayAskThere", given.mayAskThere ?? expected === "allow", may);
  }
  return differences;
}

/** The rules that decided: ids of forbids, or permits by id with what each needs. */
export function decidingRules(verdict: Verdict): PolicyCase["rules"] {
  if (verdict.kind === "deny") return verdict.rules;
  return Object.fromEntries(verdict.rules.map((rule) => [rule.id, rule.needs.map(needText)]));
}

/** `sre:1`, and `then sre:1` where it begins a later step. */
function needText({ group, count, step = 1 }: Need, i: number, needs: Need[]): string {
  const isLater = i > 0 && step !== needs[i - 1]?.step;
  return `${isLater && step > 1 ? "then " : ""}${group}:${count}`;
}

function sorted(rules: PolicyCase["rules"]): unknown {
  return Array.isArray(rules)
    ? rules.toSorted()
    : Object.entries(rules).toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** What is acted on, as rules are given it. */
export function resourceOf({ on }: Pick<PolicyWish, "on">): Resource {
  if (on === "gateway") return { kind: "gateway" };
  const kind = on.family === undefined ? "service" : "family";
  const [clusterName = "", name = ""] = (on.family ?? on.service ?? "").split("/");
  // Any place will do for rules that do not look at it, and one that does is given the place it wants.
  const { account = "111122223333", region = "us-east-1", tags } = on;
  const arn = `arn:aws:ecs:${region}:${account}`;
  const clusterArn = `${arn}:cluster/${clusterName}`;
  const id =
    kind === "service" ? `${arn}:service/${clusterName}/${name}` : `${clusterArn}/family/${name}`;
  return { kind, id, name, clusterArn, clusterName, account, region, tags };
}

function isObject(value: unknown): value is { [name: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isTexts(value: unknown): value is { [name: string]: string } {
  return isObject(value) && Object.values(value).every((text) => typeof text === "string");
}
