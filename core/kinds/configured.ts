import type { Card } from "../card.ts";
import type { RestoreFence } from "../restored.ts";
import type { Repeatable, RuleOnRecord } from "./asked.ts";
import type { Judged } from "./judged.ts";

/** What changes the rules. */
export interface ConfiguredKinds {
  "activation.asked": {
    data: {
      requester: { person: string; name: string };
      texts: { policies: string; schema: string; directory: string; engine: string };
      lapsesAt: number;
      rules: RuleOnRecord[];
      judged?: Judged;
      repeat?: Repeatable;
    };
    values: { reason: string; card: Card; digest: string; body: string };
  };
  "policy.activated": {
    data: {
      texts: { policies: string; schema: string; directory: string; engine: string };
      /** The table this record lives in: a function that finds itself elsewhere is sealed. */
      tableArn: string;
      /** The request whose decisions activated it; null for the first, by a bootstrap person. */
      request: string | null;
      rules: { id: string; textHash: string }[];
      /** Every fence before it; none where the record was never restored. */
      fences?: RestoreFence[];
    };
    values: { reason: string };
  };
  /**
   * The table was restored, and is this one from now on. The set that was in force stays in force, by this event:
   * it names the same texts and no others.
   */
  "restore.fence": {
    data: {
      texts: { policies: string; schema: string; directory: string; engine: string };
      rules: { id: string; textHash: string }[];
      /** The table it opens: its own, or still the one before where more fences follow. */
      tableArn: string;
      /** The table that the event before it names. */
      restoredFrom: string;
      /** Every fence before it. */
      fences: RestoreFence[];
      /** Ids of requests under which something may be running: the sweeper ends it. */
      ends: string[];
    };
    values: { reason: string };
  };
}
