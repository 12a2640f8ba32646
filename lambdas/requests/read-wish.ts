import type { z } from "zod";
import { createRequestSchema } from "../../api/request-schemas.ts";
import type { Caller } from "../../core/caller.ts";
import type { Site, Wish } from "../../core/consider.ts";
import { SallyportError } from "../../core/errors.ts";
import { checkCommand } from "../../core/facts.ts";
import type { Configuration } from "../../core/policy-engine.ts";
import { parseTarget, type TargetName } from "../../core/target.ts";
import type { Call } from "../call.ts";
import { notSupported, parseBody, withinBytes } from "../chain/parse.ts";
import type { RequestsPorts } from "../ports.ts";
import { isWindows, loadSite } from "../site.ts";

export interface ReadWish {
  body: z.infer<typeof createRequestSchema>;
  target: TargetName;
}

/**
 * What somebody asks for, by the body alone: before anything is looked at. Throws `body_invalid`,
 * `not_supported`, `interactive_required`, `cluster_invalid` or `target_invalid`.
 */
export function readWish(call: Call, { deployment }: Pick<RequestsPorts, "deployment">): ReadWish {
  const body = parseBody(createRequestSchema, call.body);
  notSupported(body, ["startAt", "onBehalfOf"]);
  withinBytes(body);
  if (body.interactive === false) {
    throw new SallyportError("interactive_required", "ECS Exec only has interactive sessions", {
      issues: [{ pointer: "/interactive", detail: "must be true or left out" }],
      aws: {
        error: "InvalidParameterException",
        message: "Interactive is the only mode supported currently.",
      },
    });
  }
  const parsed = parseTarget(body.target, deployment.territory);
  if (parsed.kind === "invalid") {
    throw new SallyportError(parsed.code, parsed.detail, {
      issues: [{ pointer: parsed.pointer, detail: parsed.detail }],
    });
  }
  return { body, target: parsed.target };
}

/**
 * The same with what ECS says of its target, and its command as the container's agent will split it. To a
 * caller who may not ask there, nothing is there. Throws `command_invalid`, and what `loadSite` does.
 */
export async function lookAtWish(
  ports: RequestsPorts,
  configuration: Configuration,
  caller: Caller,
  { body, target }: ReadWish,
): Promise<{ site: Site; wish: Omit<Wish, "bodyHash" | "repeat"> }> {
  const site = await loadSite(ports, configuration, caller, target);
  const checked = checkCommand(body.command, {
    ticket: body.ticket !== undefined,
    windows: isWindows(site),
  });
  if (checked.kind === "invalid") {
    throw new SallyportError("command_invalid", checked.issue.detail, {
      issues: [checked.issue],
    });
  }
  const wish = {
    command: body.command,
    argv: checked.words,
    facts: checked.facts,
    reason: body.reason,
    ticket: body.ticket,
    durationMinutes: body.durationMinutes,
  };
  return { site, wish };
}
