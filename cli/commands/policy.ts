import type { Command } from "commander";
import { type ActivationAnswer, activationAnswerSchema } from "../../api/response-schemas.ts";
import { counted } from "../counted.ts";
import { exitCodes } from "../exit-codes.ts";
import { readable } from "../readable.ts";
import { requestLines } from "../request-view.ts";
import { readRuleFolder } from "../rule-folder.ts";
import { type Shown, shown } from "../shown.ts";
import type { Start } from "../start.ts";
import { registerPolicyDiff } from "./policy-diff.ts";
import { registerPolicyExplain } from "./policy-explain.ts";
import { registerPolicyReplay } from "./policy-replay.ts";
import { registerPolicyTest } from "./policy-test.ts";
import { registerPolicyWho } from "./policy-who.ts";

interface ActivateFlags {
  reason: string;
  evenIfActive?: true;
}

/** Rules are checked here and put in force at the gateway, which checks them again. */
export function policy(command: Command, start: Start): void {
  command
    .command("check")
    .description("everything that keeps a folder's rules from being put in force")
    .argument("<dir>")
    .action((folder: string) =>
      start.alone(async ({ io, output, extras }) => {
        const texts = await readRuleFolder(io.cwd, folder);
        const engine = await extras.policyEngine();
        const defects = engine.check(texts);
        const rules = defects.length === 0 ? engine.rulesOf(texts) : [];
        if (output.json) output.value({ defects, rules });
        else {
          for (const { where, detail } of defects) output.print(shown`${where}: ${detail}`);
          if (defects.length === 0)
            output.print(shown`${counted(rules.length, "rule")}, nothing wrong`);
        }
        return defects.length === 0 ? exitCodes.ended : exitCodes.failed;
      }),
    );
  registerPolicyTest(command, start);
  registerPolicyExplain(command, start);
  registerPolicyWho(command, start);
  registerPolicyDiff(command, start);
  registerPolicyReplay(command, start);
  command
    .command("activate")
    .description("ask to put a folder's rules in force")
    .argument("<dir>")
    .requiredOption("--reason <text>", "why: approvers read it")
    .option("--even-if-active", "have the very set that is in force agreed to once more")
    .action((folder: string, { reason, evenIfActive }: ActivateFlags) =>
      start.withGateway(async ({ api, io, output }) => {
        readable("--reason", reason);
        const texts = await readRuleFolder(io.cwd, folder);
        const answer = await api.call("POST", "/v1/activations", {
          body: { ...texts, reason, ...(evenIfActive === true ? { evenIfActive } : {}) },
          schema: activationAnswerSchema,
        });
        if (output.json) output.value(answer);
        else if (answer.activated !== undefined) {
          output.print(shown`in force as #${answer.activated.seq} ${answer.activated.hash}`);
        } else if (answer.active !== undefined) {
          for (const line of alreadyActive(answer.active)) output.print(line);
        } else if (answer.request !== undefined) {
          for (const line of requestLines(answer.request)) output.print(line);
        }
        return undefined;
      }),
    );
}

function alreadyActive(active: NonNullable<ActivationAnswer["active"]>): Shown[] {
  const { seq, hash, activatedAt, by, request } = active;
  const asked = request === undefined ? shown`` : shown`, as request ${request} asked`;
  return [
    shown`already in force as #${seq} ${hash}, since ${activatedAt} by ${by}${asked}`,
    shown`nothing was asked; to have it agreed to once more: --even-if-active`,
  ];
}
