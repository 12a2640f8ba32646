import type { Command } from "commander";
import { targetListSchema } from "../../api/response-schemas.ts";
import { checkCommand } from "../../core/facts.ts";
import { resourceOf } from "../../core/policy-case.ts";
import type { Configuration, Resource } from "../../core/policy-engine.ts";
import { type Could, whoCould } from "../../core/who.ts";
import type { ApiClient } from "../api-client.ts";
import { openContext } from "../context.ts";
import { csvLine } from "../csv.ts";
import { exitCodes } from "../exit-codes.ts";
import { Failure, usage } from "../failure.ts";
import { type Activations, ruleSet } from "../rule-sets.ts";
import { joined, type Shown, shown } from "../shown.ts";
import type { Start } from "../start.ts";
import { collect, tagsOf } from "../tags.ts";
import { lastPart, parseTarget } from "../target.ts";

interface Options {
  command?: string;
  rules?: string;
  tag: string[];
  ticket?: boolean;
  csv?: boolean;
}

/** Who could ask for a command somewhere, under which rule, and who could agree to it. */
export function registerPolicyWho(policy: Command, start: Start): void {
  policy
    .command("who")
    .description("who could ask there, under which rule, and who could approve")
    .argument("<target>", "CLUSTER/SERVICE[:CONTAINER]")
    .option("--command <text>", "the command that is asked for; a shell where it is left out")
    .option("--rules <dir>", "a folder of rules, seq:N or active; active where it is left out")
    .option(
      "--tag <key=value>",
      "a tag of the target, in place of looking it up; may be repeated",
      collect,
      [],
    )
    .option("--ticket", "a ticket is given")
    .option("--csv", "one line for each person, rule and group, as CSV")
    .action((text: string, options: Options) =>
      start.alone(async (bare) => {
        const { io, output, extras, globalOptions } = bare;
        if (output.json && options.csv === true) throw usage("--csv and --json are both given");
        const target = parseTarget(text, {});
        const { cluster = "default", service = "" } = target;
        const checked = checkCommand(options.command ?? "/bin/sh", {
          ticket: options.ticket === true,
          windows: false,
        });
        if (checked.kind !== "ok") throw usage(`--command: ${checked.issue.detail}`);
        const isOffline = options.tag.length > 0 && options.rules !== undefined;
        let activations: Activations | undefined;
        let given: Resource | undefined;
        if (options.tag.length > 0) {
          const on = {
            service: `${lastPart(cluster)}/${lastPart(service)}`,
            tags: tagsOf(options.tag),
          };
          given = resourceOf({ on });
        }
        if (!isOffline) {
          const { api } = await openContext(globalOptions, io, extras);
          activations = { kind: "gateway", api };
          given ??= await resourceAt(api, cluster, service);
        }
        const configuration = await ruleSet(bare, options.rules ?? "active", activations);
        const engine = await extras.policyEngine();
        const could = whoCould(engine, configuration, given as Resource, checked.facts);
        if (output.json) output.value({ could });
        else if (options.csv === true) {
          output.print(csvLine(CSV));
          for (const line of could.flatMap(csvRows)) output.print({ shown: line });
        } else if (could.length === 0) output.print("nobody could ask for this there");
        else output.table([["WHO", "RULE", "NEEDS", "COULD APPROVE"], ...could.flatMap(rows)]);
        if (!output.json) for (const line of inNoGroups(configuration)) output.info(line);
        return exitCodes.ended;
      }),
    );
}

/** Whom another source has in groups: here they are in none, as nobody but their own call can say more. */
function inNoGroups({ directory }: Pick<Configuration, "directory">): Shown[] {
  const others = [...directory.persons, ...directory.programs].flatMap(({ id, groupsFrom }) =>
    groupsFrom === undefined ? [] : [shown`${id} (${groupsFrom})`],
  );
  if (others.length === 0) return [];
  return [shown`taken as in no group, for another source says in which: ${joined(others, ", ")}`];
}

/** What the gateway says the rules look at there, to a caller who may ask there. */
async function resourceAt(
  api: Pick<ApiClient, "call">,
  cluster: string,
  service: string,
): Promise<Resource> {
  const { items } = await api.call("GET", "/v1/targets", {
    query: { cluster, service },
    schema: targetListSchema,
  });
  const found = items.find((item) => item.service !== undefined && item.tags !== undefined);
  if (found?.tags === undefined) {
    throw new Failure(
      `nothing runs at ${lastPart(cluster)}/${lastPart(service)} that you may ask for`,
      {
        hint: "the rules look at its tags: where you may not ask for it, name them, such as --tag team=payments",
      },
    );
  }
  const [, , , region = "", account = ""] = found.clusterArn.split(":");
  return resourceOf({
    on: {
      service: `${lastPart(found.clusterArn)}/${found.service ?? ""}`,
      tags: found.tags,
      account,
      region,
    },
  });
}

function rows(one: Could) {
  const needs = one.automatic ? [undefined] : one.needs;
  return needs.map((need, i) => [
    i === 0 ? shown`${one.who}` : "",
    i === 0 ? shown`${one.rule}${one.breakGlass ? " (break glass)" : ""}` : "",
    need === undefined ? "nobody" : shown`${need.count} of ${need.group}`,
    need === undefined ? "" : shown`${approvers(one, need.approvers)}`,
  ]);
}

function approvers({ reachable }: Could, ids: readonly string[]): string {
  const list = ids.length === 0 ? "nobody" : ids.join(", ");
  return reachable ? list : `${list} (not enough)`;
}

const CSV = [
  "who",
  "kind",
  "groups",
  "rule",
  "minutes",
  "automatic",
  "break_glass",
  "group",
  "count",
  "approvers",
  "enough",
];

function csvRows(one: Could): string[] {
  const { who, kind, groups, rule, maxMinutes, automatic, breakGlass, reachable } = one;
  const common = [who, kind, groups.join(" "), rule, maxMinutes, automatic, breakGlass];
  if (automatic) return [csvLine([...common, "", 0, "", true])];
  return one.needs.map(({ group, count, approvers: ids }) =>
    csvLine([...common, group, count, ids.join(" "), reachable]),
  );
}
