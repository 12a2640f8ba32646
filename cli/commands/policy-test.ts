import type { Command } from "commander";
import { judgePolicyCase, parsePolicyCase } from "../../core/policy-case.ts";
import { exitCodes } from "../exit-codes.ts";
import { Failure } from "../failure.ts";
import { readCaseFiles } from "../rule-folder.ts";
import { rulesToTry } from "../rules-to-try.ts";
import { shown } from "../shown.ts";
import type { Start } from "../start.ts";

/** Whether the rules of a folder mean what its cases say, without asking anybody. */
export function registerPolicyTest(policy: Command, start: Start): void {
  policy
    .command("test")
    .description("judge each case in DIR/cases/{allow,deny} by the rules of DIR")
    .argument("<dir>")
    .action((folder: string) =>
      start.alone(async (bare) => {
        const { io, output } = bare;
        const { engine, configuration } = await rulesToTry(bare, folder);
        const results: { case: string; differences: string[] }[] = [];
        for (const expected of ["allow", "deny"] as const) {
          for (const { name, text } of await readCaseFiles(io.cwd, folder, expected)) {
            const parsed = parsePolicyCase(text);
            const differences =
              parsed.kind === "invalid"
                ? [parsed.why]
                : judgePolicyCase(engine, configuration, parsed.given, expected);
            results.push({ case: `${expected}/${name.replace(/\.json$/, "")}`, differences });
          }
        }
        if (results.length === 0) {
          throw new Failure("there are no cases to test", {
            hint: `write them in ${folder}/cases/allow and ${folder}/cases/deny, one JSON file each`,
          });
        }
        const failed = results.filter(({ differences }) => differences.length > 0);
        if (output.json) output.value({ passed: results.length - failed.length, failed });
        else {
          for (const result of failed) {
            output.print(shown`${result.case}`);
            for (const difference of result.differences) output.print(shown`  ${difference}`);
          }
          output.print(shown`${results.length - failed.length} passed, ${failed.length} failed`);
        }
        return failed.length === 0 ? exitCodes.ended : exitCodes.failed;
      }),
    );
}
