import type { EventPlace } from "../event-store.ts";
import type { AskedKinds, Repeatable } from "./asked.ts";
import type { Judged, JudgedAsk } from "./judged.ts";

type Asked = AskedKinds["request.asked"];

export const verdicts = ["justified", "not_justified"] as const;
export type ReviewVerdict = (typeof verdicts)[number];

/** Nobody reads the reason beforehand: in so many characters it says something to whoever reads it afterwards. */
export const LEAST_REASON_CHARACTERS = 10;

/** What is done in an emergency without asking anybody, and what is said of it afterwards. */
export interface BrokeKinds {
  /** The request, its grant, and the review that is owed: one event, so that none of them is without the others. */
  "glass.broken": {
    data: Pick<
      Asked["data"],
      | "requester"
      | "place"
      | "resource"
      | "target"
      | "durationMinutes"
      | "rules"
      | "preflight"
      | "transcript"
      | "repeat"
    > & {
      /** The one of `rules` by whose limits it is bound. */
      rule: string;
      expiresAt: number;
      /** Until when somebody else has to review it (epoch ms). */
      reviewDueAt: number;
      /** The how manieth it is of its person's on that UTC day, of so many that may be. */
      day: string;
      count: number;
      limit: number;
      judged?: JudgedAsk;
    };
    values: Asked["values"];
  };
  /** Its place among those of its person on one day: the event's own number is the count. */
  "glass.counted": {
    data: { requestId: string; person: string; limit: number };
    values: { [none: string]: never };
  };
  "glass.reviewed": {
    data: { person: string; verdict: ReviewVerdict; judged?: Judged; repeat?: Repeatable };
    values: { comment: string; body?: string };
  };
  /** What somebody else says of a use of the role outside the gateway: the one event of a chain named by the use. */
  "last_resort.reviewed": {
    data: {
      person: string;
      verdict: ReviewVerdict;
      /** The use, as `useKeyOf` has it, and CloudTrail's id of the call by which the reviewer named it. */
      use: string;
      id: string;
      /**
       * The last call of it that was on record then, of each chain, with the SHA-256 of its leaf: what was told later
       * is not reviewed by this.
       */
      seen: (EventPlace & { hash: string })[];
      /** The persons whom what AWS told of it names. Where there are none, it is not known who is not to review it. */
      users: string[];
      judged: Judged;
      repeat?: Repeatable;
    };
    values: { comment: string; body: string };
  };
}
