import type { Card } from "../card.ts";
import type { Repeatable, RuleOnRecord } from "./asked.ts";
import type { Judged } from "./judged.ts";

/** What persons decide of a request. */
export interface DecidedKinds {
  "decision.approved": {
    data: {
      person: string;
      /** Those groups of the rules' needs that the person was in when deciding. */
      groups: string[];
      /** They agree for no longer than this. */
      maxMinutes?: number;
      /** Set on the decision that completed a rule: the grant. */
      grant: { rule: string; expiresAt: number } | null;
      judged?: Judged;
      repeat?: Repeatable;
    };
    values: { digest: string; comment?: string; body?: string };
  };
  "decision.denied": {
    data: { person: string; groups: string[]; judged?: Judged; repeat?: Repeatable };
    values: { digest: string; comment?: string; body?: string };
  };
  "request.recarded": {
    data: { rules: RuleOnRecord[]; automatic: string[]; fields: string[]; judged?: Judged };
    values: { card: Card; digest: string };
  };
  "request.revoked": {
    data: { person: string; judged?: Judged; repeat?: Repeatable };
    values: { comment?: string; body?: string };
  };
  "end.asked": {
    data: {
      attempt: number;
      sessionId: string;
      person: string;
      /** Its whole task is to be stopped: that alone proves that nothing of it runs on. */
      stopTask?: true;
      judged?: Judged;
      repeat?: Repeatable;
    };
    values: { comment?: string; body?: string };
  };
}
