import type { Command } from "commander";
import { quoteWords } from "../../core/command-words.ts";
import { breakingGlass } from "../../core/emergency-rules.ts";
import { nearestNames } from "../../core/nearest-name.ts";
import { decidingRules, type PolicyWish, questionOf } from "../../core/policy-case.ts";
import { actions, type Configuration, isAction, type Verdict } from "../../core/policy-engine.ts";
import { exitCodes } from "../exit-codes.ts";
import { Failure, usage } from "../failure.ts";
import { type RuleFile, readRuleFiles } from "../rule-folder.ts";
import { rulesToTry } from "../rules-to-try.ts";
import { joined, type Shown, shown } from "../shown.ts";
import type { Start } from "../start.ts";
import { collect, tagsOf } from "../tags.ts";

const MOST_NEAREST = 3;

interface Options {
  who: string;
  on: string;
  family?: boolean;
  action?: string;
  tag: string[];
  ticket?: boolean;
  breakGlass?: boolean;
}

/** What the rules of a folder make of one wish, and which of them decide it. */
export function registerPolicyExplain(policy: Command, start: Start): void {
  policy
    .command("explain")
    .description("what the rules of DIR make of one wish, and which of them decide it")
    .usage("DIR --who ID --on TARGET  [options]  [-- COMMAND ARGUMENT...]")
    .argument("<dir>")
    .requiredOption("--who <id>", "a person or program of DIR/directory.json")
    .requiredOption("--on <target>", "CLUSTER/SERVICE, or gateway")
    .option("--family", "the target is a family of tasks in no service")
    .option("--action <name>", `one of ${actions.join(", ")}; exec where it is left out`)
    .option("--tag <key=value>", "a tag of the target; may be repeated", collect, [])
    .option("--ticket", "a ticket is given")
    .option("--break-glass", "in an emergency, by the rules that are for one")
    .action((folder: string, options: Options) => {
      const wish = wishOf(options, start.command() ?? []);
      return start.alone(async (bare) => {
        const { io, output } = bare;
        const { engine, configuration } = await rulesToTry(bare, folder);
        requireKnown(wish.who, configuration);
        const read = questionOf(wish, configuration);
        if (read.kind === "invalid") throw new Failure(read.why);
        const rules = options.breakGlass === true ? breakingGlass(engine) : engine;
        const verdict = rules.judge(configuration, read.question);
        const may =
          wish.action === "exec"
            ? rules.mayAskThere(configuration, read.question.principal, read.question.resource)
            : undefined;
        if (output.json) {
          output.value({ verdict, ...(may === undefined ? {} : { mayAskThere: may }) });
        } else {
          const files = await readRuleFiles(io.cwd, folder);
          for (const line of linesOf(verdict, may, files)) output.print(line);
          if (verdict.kind === "deny" && wish.on !== "gateway" && options.tag.length === 0) {
            output.print("no tags were given, and rules look at tags: --tag KEY=VALUE");
          }
        }
        return verdict.kind === "permit" ? exitCodes.ended : exitCodes.refused;
      });
    });
}

function requireKnown(who: string, { directory }: Configuration): void {
  const ids = [...directory.persons, ...directory.programs].map(({ id }) => id);
  if (ids.includes(who)) return;
  throw new Failure(`${who} is not in the directory`, {
    hint: `nearest there: ${nearestNames(who, ids, MOST_NEAREST).join(", ")}`,
  });
}

function wishOf(
  { who, on, family, action: named, tag, ticket }: Options,
  words: readonly string[],
): PolicyWish {
  const tags = tagsOf(tag);
  if (on !== "gateway" && !/^[^/]+\/[^/]+$/.test(on)) {
    throw new Failure("--on takes CLUSTER/SERVICE or gateway", { exitCode: exitCodes.usage });
  }
  if (on === "gateway" && (named === undefined || named === "exec")) {
    throw usage(
      "nobody runs a command in the gateway: --on gateway needs --action",
      "--action activate, audit, read, approve or revoke",
    );
  }
  const action = named ?? "exec";
  if (!isAction(action)) {
    throw new Failure(`--action takes ${actions.join(", ")}`, { exitCode: exitCodes.usage });
  }
  return {
    who,
    action,
    on: on === "gateway" ? on : { [family === true ? "family" : "service"]: on, tags },
    ...(action === "exec" ? { command: words.length === 0 ? "/bin/sh" : quoteWords(words) } : {}),
    ...(ticket === true ? { ticket } : {}),
  };
}

const WHY = {
  no_permit: "no rule permits this",
  forbid: "forbidden",
  error: "denied, for a rule could not be evaluated",
};

function linesOf(verdict: Verdict, may: boolean | undefined, files: RuleFile[]): Shown[] {
  const rules = decidingRules(verdict);
  const lines: Shown[] = [];
  if (verdict.kind === "permit") {
    lines.push(shown`permitted; one of these rules is enough:`);
    for (const [id, needs] of Object.entries(rules)) {
      const wanted =
        needs.length === 0
          ? shown`nobody has to agree`
          : shown`needs ${joined(
              (needs as string[]).map((need) => shown`${need}`),
              ", ",
            )}`;
      lines.push(shown`  ${id} (${placeOf(id, files)}): ${wanted}`);
    }
    return lines;
  }
  lines.push(shown`${WHY[verdict.why]}`);
  for (const id of verdict.rules) lines.push(shown`  ${id} (${placeOf(id, files)})`);
  for (const error of verdict.errors) lines.push(shown`  ${error}`);
  if (may === false) {
    lines.push(shown`to this one the target does not exist: whatever the command, it is not found`);
  }
  return lines;
}

/** Where a rule's `@id` stands. */
function placeOf(id: string, files: RuleFile[]): string {
  for (const { name, text } of files) {
    const at = text.split("\n").findIndex((line) => line.includes(`@id("${id}")`));
    if (at >= 0) return `${name}:${at + 1}`;
  }
  return "?";
}
