import type { BreakGlassTerms } from "./break-glass-annotations.ts";
import type { Directory } from "./directory.ts";

/** What a rule asks: so many different persons of a group. */
export interface Need {
  group: string;
  count: number;
  /** Where the rule has an order (`then`): its place in it, from 1. Needs of one step may be met in any order. */
  step?: number;
}

/** A permit that matched, with its annotations read and its groups filled in from the resource. */
export interface Rule {
  /** `@id` */
  id: string;
  /** SHA-256 of the rule's own text as it was activated, annotations included. */
  textHash: string;
  /** Who must agree. Empty only for `@approvals("none")`: automatic. */
  needs: Need[];
  maxDurationSeconds: number;
  maxSessions: number;
  /** How long a request may wait for decisions. */
  requestTtlSeconds: number;
  pin: "none" | "revision" | "image";
  /** Set where it is only for emergencies: then it is one of a permit to break the glass, and of no other. */
  breakGlass?: BreakGlassTerms;
  /** `@deny_after`: how many different persons must deny; missing where one is enough. */
  denyAfter?: number;
}

export const actions = [
  "exec",
  "approve",
  "revoke",
  "terminate",
  "stopTask",
  "read",
  "audit",
  "lock",
  "activate",
] as const;
export type Action = (typeof actions)[number];

export function isAction(text: string): text is Action {
  return (actions as readonly string[]).includes(text);
}

/** What is acted on: a service, a family of tasks in no service, or the gateway's own rules. */
export type Resource =
  | {
      kind: "service" | "family";
      /** The service's ARN; for a family, which has none of its own, `<cluster ARN>/family/<name>`. */
      id: string;
      name: string;
      clusterArn: string;
      clusterName: string;
      account: string;
      region: string;
      tags: { [key: string]: string };
    }
  | { kind: "gateway" };

/** The facts about a command that rules may look at: what the container's agent will make of it. */
export interface Facts {
  argc: number;
  /** Words by position, the first at "0". */
  a: { [position: string]: string };
  /** Canonical JSON of argv: equal lines are equal commands, word by word. */
  line: string;
  argv0: string;
  /** The command is a shell or can become one: what is typed afterwards is not limited by any rule. */
  shell: boolean;
  has_ticket: boolean;
}

export interface Question {
  /** A person or program of the activated directory. */
  principal: { kind: "person" | "program"; id: string; groups: string[] };
  action: Action;
  resource: Resource;
  /** Given for `exec` alone. */
  facts?: Facts;
  /** Of `exec` alone: it is an emergency. Only rules for emergencies permit it, and they permit nothing else. */
  breakGlass?: true;
}

/** The activated set: what a decision is made under, and what it is fenced on. */
export interface Configuration {
  /** Number of the `policy.activated` event on the chain CONF. */
  seq: number;
  /** SHA-256 over the hashes of rules, schema and directory and the engine's version. */
  hash: string;
  policies: string;
  schema: string;
  directory: Directory;
}

export type Verdict =
  | { kind: "permit"; rules: Rule[] }
  | {
      kind: "deny";
      /** `error`: evaluation failed or warned, or a rule's groups could not be filled in. */
      why: "no_permit" | "forbid" | "error";
      /** Ids of the rules that decided it. */
      rules: string[];
      /** What went wrong, for the record; shown to those who may see the rules. */
      errors: string[];
    };

/** A rule of a set, by its `@id` and the SHA-256 of its text. */
export interface RuleText {
  id: string;
  textHash: string;
}

/** One thing that keeps a set from being activated. */
export interface Defect {
  /** `@id` of the rule where known, else the name of the text: `policies`, `schema`, `directory`. */
  where: string;
  detail: string;
}

/**
 * Evaluates rules. Synchronous and without effect; parsing is done once for each configuration hash.
 *
 * Guarantees: deny by default; a forbid wins; any evaluation error or warning of any rule is a deny.
 * Never throws for what rules or requests contain: a trap in the engine is a deny with `why: "error"`.
 */
export interface PolicyEngine {
  /** Id and text hash of every rule of a set that passed `check`; empty when it cannot be read. */
  rulesOf(texts: { policies: string; schema: string }): RuleText[];
  judge(configuration: Configuration, question: Question): Verdict;
  /**
   * "May this principal ask there at all": with every fact of the command unknown, some permit is
   * satisfied or undecided, and no forbid is satisfied. Rules for emergencies count in one alone, and there
   * beside the others, for those who may ask there may know that it is there. False on any error.
   */
  mayAskThere(
    configuration: Configuration,
    principal: Question["principal"],
    resource: Resource,
    mode?: { breakGlass: boolean },
  ): boolean;
  /** Everything that keeps this set from being activated; empty when it may be. */
  check(texts: { policies: string; schema: string; directory: string }): Defect[];
  /** Whether the engine has trapped: from then on it denies everything, and judges nothing. */
  isLost(): boolean;
  /** Name and version of the engine, part of the configuration's hash. */
  readonly version: string;
}
