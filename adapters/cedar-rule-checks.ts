import { isTemplate } from "../core/approvals.ts";
import { canonicalJson } from "../core/canonical-json.ts";
import { quoteWords } from "../core/command-words.ts";
import type { Directory } from "../core/directory.ts";
import { checkCommand } from "../core/facts.ts";
import { tally, unordered } from "../core/quorum.ts";
import { parseStrictJson } from "../core/strict-json.ts";
import { GATEWAY_ID } from "./cedar-calls.ts";
import {
  conjuncts,
  contextMembers,
  type Expression,
  isAccess,
  literal,
  literals,
  operands,
  walk,
} from "./cedar-expression.ts";
import type { WrittenRule } from "./cedar-rule-set.ts";

/**
 * What is wrong with a rule that nobody has to agree to. Automatic means exact commands: some condition
 * pins `context.line` to a list of lines, each of a program named by its absolute path that is no shell.
 * On top of that no `like` and no negative test on the command may stand anywhere in the rule, so that
 * nobody takes it for a pattern or an exclusion. Activating rules is never automatic. A rule for emergencies is
 * not automatic: a person breaks the glass each time, within its limits, and another reviews it.
 */
export function automaticDefects(rule: WrittenRule): string[] {
  if (rule.effect === "forbid" || rule.annotations.needs.length > 0) return [];
  if (rule.annotations.breakGlass !== undefined) return [];
  if (rule.action === "activate") return ["activating rules is never automatic"];
  if (rule.action !== "exec") return [];
  const defects = new Set<string>();
  const lines = rule.clauses
    .filter((clause) => clause.kind === "when")
    .flatMap((clause) => conjuncts(clause.body))
    .map(pinnedLines)
    .find((found) => found !== undefined);
  if (lines === undefined) {
    defects.add(
      'automatic means exact commands: context.line == "…" or ["…"].contains(context.line)',
    );
  }
  for (const line of lines ?? []) {
    const words = wordsOf(line);
    if (words === undefined) continue; // reported by literalDefects
    const checked = checkCommand(quoteWords(words), { ticket: false, windows: false });
    if (checked.kind !== "ok") {
      defects.add(`automatic: ${line}: ${checked.issue.detail}`);
    } else if (!checked.facts.argv0.startsWith("/")) {
      defects.add(`automatic: ${line}: name the program by its absolute path`);
    } else if (checked.facts.shell) {
      defects.add(`automatic: ${line}: this is a shell or can become one`);
    }
  }
  for (const clause of rule.clauses) {
    if (clause.kind === "unless" && looksAtCommand(clause.body)) {
      defects.add("automatic: `unless` on the command permits whatever it does not name");
    }
    walk(clause.body, (node) => {
      for (const operator of ["like", "!=", "!", "if-then-else"]) {
        if (Object.hasOwn(node, operator) && looksAtCommand(node)) {
          defects.add(`automatic: \`${operator}\` on the command: name exact commands instead`);
        }
      }
      return "deeper";
    });
  }
  return [...defects];
}

/** The lines a condition pins the command to; undefined when it lets any other through. */
function pinnedLines(condition: Expression): string[] | undefined {
  const equal = operands(condition, "==");
  if (equal !== undefined) {
    const line = isLine(equal[0]) ? equal[1] : isLine(equal[1]) ? equal[0] : undefined;
    const text = literal(line);
    return text === undefined ? undefined : [text];
  }
  const contained = operands(condition, "contains");
  if (contained !== undefined) {
    return isLine(contained[1]) ? literals(contained[0]) : undefined;
  }
  const either = operands(condition, "||");
  if (either !== undefined) {
    const [left, right] = either.map(pinnedLines);
    return left === undefined || right === undefined ? undefined : [...left, ...right];
  }
  return conjunctsOf(condition)
    ?.map(pinnedLines)
    .find((found) => found !== undefined);
}

function conjunctsOf(condition: Expression): Expression[] | undefined {
  const all = conjuncts(condition);
  return all.length > 1 ? all : undefined;
}

const isLine = (node: unknown): boolean => isAccess(node, "context", "line");

/** Whether an expression depends on the command; a ticket is no part of it. */
function looksAtCommand(expression: unknown): boolean {
  return [...contextMembers(expression)].some((member) => member !== "has_ticket");
}

/** The words a line stands for; undefined unless it is the canonical JSON of a list of words. */
function wordsOf(line: string): string[] | undefined {
  const json = parseStrictJson(line);
  if (json.kind === "invalid" || !Array.isArray(json.value) || json.value.length === 0) {
    return undefined;
  }
  const words = json.value.filter((word) => typeof word === "string");
  return words.length === json.value.length && canonicalJson(words) === line ? words : undefined;
}

const IDS: { [type: string]: { pattern: RegExp; what: string } } = {
  Account: { pattern: /^[0-9]{12}$/, what: "an account id of 12 digits" },
  Cluster: {
    pattern: /^arn:aws[a-z-]*:ecs:[a-z0-9-]+:[0-9]{12}:cluster\/[A-Za-z0-9_-]+$/,
    what: "the ARN of a cluster",
  },
  Service: {
    pattern: /^arn:aws[a-z-]*:ecs:[a-z0-9-]+:[0-9]{12}:service\/[A-Za-z0-9_/-]+$/,
    what: "the ARN of a service",
  },
  Family: {
    pattern: /^arn:aws[a-z-]*:ecs:[a-z0-9-]+:[0-9]{12}:cluster\/[A-Za-z0-9_-]+\/family\/[\w-]+$/,
    what: "<cluster ARN>/family/<name>",
  },
  Gateway: { pattern: new RegExp(`^${GATEWAY_ID}$`), what: `"${GATEWAY_ID}"` },
};

/**
 * Literals that can never match: persons and groups the directory does not have, ids that are not the ids
 * the gateway uses, lines that are not the canonical JSON of words. In a forbid they would silently
 * forbid nothing.
 */
export function literalDefects(rule: WrittenRule, directory: Directory): string[] {
  const groups = new Set(directory.groups);
  const known = new Set([...directory.persons, ...directory.programs].map(({ id }) => id));
  const defects = new Set<string>();
  const group = (name: string): void => {
    if (!groups.has(name)) defects.add(`there is no group ${JSON.stringify(name)}`);
  };
  const { principal, resource } = rule.json;
  walk([principal, resource, rule.clauses], (node) => {
    const { type, id } = node;
    if (typeof type === "string" && typeof id === "string") {
      const kind = type.replace("Sallyport::", "");
      if (kind === "Group") group(id);
      if (kind === "Person" && !known.has(id)) {
        defects.add(`there is no person or program ${JSON.stringify(id)}`);
      }
      const wanted = Object.hasOwn(IDS, kind) ? IDS[kind] : undefined;
      if (wanted?.pattern.test(id) === false) {
        defects.add(`${kind}::${JSON.stringify(id)}: the id is ${wanted.what}`);
      }
    }
    for (const operator of ["contains", "containsAll", "containsAny"]) {
      const [left, right] = operands(node, operator) ?? [];
      for (const [groupSet, named] of [
        [left, right],
        [right, left],
      ]) {
        if (!isAccess(groupSet, "principal", "groups")) continue;
        for (const name of [literal(named) ?? [], literals(named) ?? []].flat()) group(name);
      }
    }
    for (const line of comparedLines(node)) {
      if (wordsOf(line) === undefined) {
        defects.add(
          `context.line is never ${JSON.stringify(line)}: it is JSON such as "[\\"/bin/date\\"]"`,
        );
      }
    }
    return "deeper";
  });
  return [...defects];
}

function comparedLines(node: Expression): string[] {
  const [left, right] = operands(node, "==") ?? operands(node, "!=") ?? [];
  if (isLine(left) || isLine(right)) return [literal(isLine(left) ? right : left) ?? []].flat();
  const [set, member] = operands(node, "contains") ?? [];
  return isLine(member) ? (literals(set) ?? []) : [];
}

/**
 * Decisions that can never be given: a group the directory does not have, or fewer different persons in
 * the groups than are asked to agree, or to deny. A group with a `{tag}` in it is only known when a resource is.
 */
export function approvalDefects(rule: WrittenRule, directory: Directory): string[] {
  const needs = rule.annotations.needs.filter((need) => !isTemplate(need));
  const unknown = needs.filter((need) => !directory.groups.includes(need.group));
  if (unknown.length > 0) {
    return unknown.map(({ group }) => `@approvals: there is no group ${JSON.stringify(group)}`);
  }
  const everybody = directory.persons.map(({ id, groups }) => ({ person: id, groups }));
  const short = tally(unordered(needs), everybody).lacks.map(
    ({ group, count }) => `@approvals: ${group} is short of ${count}: too few different persons`,
  );
  const deniers = everybody.filter(({ groups }) =>
    needs.some(({ group }) => groups.includes(group)),
  );
  const { denyAfter = 1 } = rule.annotations;
  const isKnown = needs.length === rule.annotations.needs.length && needs.length > 0;
  return isKnown && deniers.length < denyAfter && short.length === 0
    ? [`@deny_after asks for ${denyAfter} persons, and its groups have ${deniers.length}`]
    : short;
}
