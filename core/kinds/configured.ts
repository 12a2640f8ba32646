import type { Card } from "../card.ts";
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
    };
    values: { reason: string };
  };
}
