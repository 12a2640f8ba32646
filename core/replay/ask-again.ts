import { askSeen } from "../ask.ts";
import { isReading } from "../belongs/asked.ts";
import { breakGlassSeen } from "../break-glass.ts";
import { IMAGE_DIGEST, type Seen, type Wish } from "../consider.ts";
import { breakingGlass } from "../emergency-rules.ts";
import type { Event } from "../event.ts";
import type { EventBody } from "../event-kinds.ts";
import type { JudgedAsk } from "../kinds/judged.ts";
import { propose } from "../propose.ts";
import { judgedOf } from "./caller.ts";
import type { Again } from "./making.ts";
import { corrupt } from "./record.ts";

export function askAgain({ policy, configuration, caller, event }: Again): EventBody {
  if (event.kind !== "request.asked" && event.kind !== "request.refused") throw new TypeError();
  const { seen, wish } = wishAgain(event, event.data.judged);
  return askSeen(policy, configuration, caller, seen, wish, judgedOf(event).at).body;
}

/** How many times before on that day is told by the chain that counts them, which the checker compares. */
export function glassAgain({ policy, configuration, caller, event }: Again): EventBody {
  if (event.kind !== "glass.broken") throw new TypeError();
  const { judged, count } = event.data;
  const { at } = judgedOf(event);
  const { seen, wish } = wishAgain(event, judged);
  const emergency = breakingGlass(policy);
  return breakGlassSeen(emergency, configuration, caller, seen, wish, count - 1, at);
}

/** What somebody wished for and what was seen of its target, as the record has them. */
function wishAgain(
  event: Event & { kind: "request.asked" | "request.refused" | "glass.broken" },
  judged: Partial<JudgedAsk> = {},
): { seen: Seen; wish: Wish } {
  const { data, values } = event;
  const { resource, target } = data;
  if (resource.kind === "gateway") throw corrupt("nobody runs a command in the gateway");
  if (!isReading(values.command, values.argv, values.facts)) {
    throw corrupt("the words or facts are not those of the command");
  }
  const asked = event.kind === "request.refused" ? undefined : event.data;
  return {
    seen: {
      place: asked?.place ?? { account: resource.account, region: resource.region },
      resource,
      target: { ...target, pinnedRevision: null, pinnedImage: null },
      revision: judged.revision ?? null,
      image: judged.image ?? null,
      findings: data.preflight.filter(({ check }) => check !== IMAGE_DIGEST),
      transcript: asked?.transcript ?? "none",
    },
    wish: {
      command: values.command,
      argv: values.argv,
      facts: values.facts,
      reason: values.reason,
      ticket: values.ticket,
      durationMinutes: judged.wished ?? undefined,
      startAt: event.kind === "request.asked" ? event.data.startAt : undefined,
      bodyHash: values.body,
      repeat: data.repeat,
    },
  };
}

export function proposeAgain({ policy, record, configuration, caller, event }: Again): EventBody {
  if (event.kind !== "activation.asked") throw new TypeError();
  const { data, values } = event;
  return propose(
    policy,
    configuration,
    caller,
    {
      texts: record.textsOf(data.texts),
      hashes: data.texts,
      reason: values.reason,
      bodyHash: values.body,
      repeat: data.repeat,
    },
    judgedOf(event).at,
  );
}
