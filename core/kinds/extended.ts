import type { ExtensionCard } from "../card.ts";
import type { Repeatable, RuleOnRecord } from "./asked.ts";
import type { Judged } from "./judged.ts";

/** The grant as an extension makes it. */
interface Extended {
  rule: string;
  expiresAt: number;
}

/** More time for a grant: asked for by whoever has it, and decided as a new thing on a card of its own. */
export interface ExtendedKinds {
  "extension.asked": {
    data: {
      /** Of the request's extensions, from 1. The latest takes the place of one that waits. */
      number: number;
      person: string;
      minutes: number;
      /** When the grant ends without it, and with all of it (epoch ms). */
      from: number;
      until: number;
      rules: RuleOnRecord[];
      /** Ids of rules that approve it by themselves; set with `grant`. */
      automatic: string[];
      grant: Extended | null;
      judged?: Judged;
      repeat?: Repeatable;
    };
    values: { reason: string; card: ExtensionCard; digest: string; body: string };
  };
  "extension.approved": {
    data: {
      number: number;
      person: string;
      groups: string[];
      /** They agree to no more than this. */
      maxMinutes?: number;
      /** Set on the decision that completed a rule. */
      grant: Extended | null;
      judged?: Judged;
      repeat?: Repeatable;
    };
    values: { digest: string; comment?: string; body?: string };
  };
  "extension.denied": {
    data: {
      number: number;
      person: string;
      groups: string[];
      judged?: Judged;
      repeat?: Repeatable;
    };
    values: { digest: string; comment?: string; body?: string };
  };
}
