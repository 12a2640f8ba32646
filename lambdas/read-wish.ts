import { createRequestSchema } from "../api/request-schemas.ts";
import { type Issue, SallyportError } from "../core/errors.ts";
import { parseTarget, type TargetInput, type TargetName, type Territory } from "../core/target.ts";
import type { Wanted } from "./ask-for.ts";
import type { Call } from "./call.ts";
import { notSupported, parseBody } from "./chain/parse.ts";
import { checkProse } from "./check-prose.ts";
import { misnamed } from "./misnamed.ts";

/**
 * The errors of members that have a code of their own wherever somebody asks, by their JSON pointers: for
 * `parseBody`.
 */
export const wishErrors = {
  "/command": (issues: Issue[]): SallyportError =>
    new SallyportError("command_invalid", "the command is missing, too long or no text", {
      issues,
    }),
  "/interactive": (issues: Issue[]): SallyportError =>
    new SallyportError("interactive_required", "ECS Exec only has interactive sessions", {
      issues: issues.map((issue) =>
        issue.pointer === "/interactive" ? { ...issue, detail: "must be true" } : issue,
      ),
      hint: "say `interactive: true`: the session is interactive whether or not anybody types",
      aws: {
        error: "InvalidParameterException",
        message: "Interactive is the only mode supported currently.",
      },
    }),
};

/**
 * The target a body names, its members standing under the pointer `at`. Throws `cluster_invalid`,
 * `target_invalid`, `service_not_found` or `task_not_found`.
 */
export function readTarget(input: TargetInput, territory: Territory, at: string): TargetName {
  const parsed = parseTarget(input, territory);
  if (parsed.kind === "target") return parsed.target;
  throw misnamed(parsed, parsed.pointer.replace(/^\/target/, at));
}

/**
 * What the body of an ask wants, before anything is looked at. Throws `body_invalid`, `not_supported` and
 * what `wishErrors` and `readTarget` name.
 */
export function readWish(call: Call, territory: Territory): Omit<Wanted, "repeat"> {
  const body = parseBody(createRequestSchema, call.body, wishErrors);
  notSupported(body, ["onBehalfOf"]);
  checkProse(body);
  const { command, reason, ticket, durationMinutes } = body;
  const target = readTarget(body.target, territory, "/target");
  const startAt = body.startAt === undefined ? undefined : Date.parse(body.startAt);
  return { target, command, reason, ticket, durationMinutes, startAt };
}
