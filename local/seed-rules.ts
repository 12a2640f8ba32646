import { readEvent } from "../core/event.ts";
import type { EventStore } from "../core/event-store.ts";
import { CONF } from "../lambdas/activated.ts";
import { textHashes } from "../lambdas/decide/activation.ts";
import type { Keys } from "./identities.ts";
import { localProblem } from "./problem.ts";
import { rulesHere } from "./rules-here.ts";
import { callAs } from "./signed-call.ts";

/**
 * Puts `policies/` in force on a record that has no rules yet, through the API, as its bootstrap person.
 * Where rules are in force nothing is changed, for that takes two people; answers what to say of it.
 */
export async function seedRules(options: {
  api: string;
  operator: Keys;
  events: EventStore;
  engineVersion: string;
}): Promise<"activated" | "same" | "differs"> {
  const texts = rulesHere();
  const tip = await options.events.tip(CONF);
  if (tip !== undefined) {
    const event = readEvent(tip);
    if (event.kind !== "policy.activated" && event.kind !== "restore.fence") return "differs";
    const here = textHashes(texts, options.engineVersion);
    const { policies, schema, directory } = event.data.texts;
    const same =
      policies === here.policies && schema === here.schema && directory === here.directory;
    return same ? "same" : "differs";
  }
  const answer = await callAs(options.api, options.operator, "POST", "/v1/activations", {
    ...texts,
    reason: "first start of the local gateway",
  });
  if (answer.status !== 200) {
    throw localProblem(
      `policies/ cannot be put in force: ${JSON.stringify(answer.body).slice(0, 2_000)}`,
      "`sallyport policy check policies` says what is wrong with them",
    );
  }
  return "activated";
}
