import * as z from "zod";
import { verdicts } from "../core/kinds/broke.ts";
import { iso } from "./card-schemas.ts";

/** A use of the role outside the gateway: who took it up, and each call by its credentials that AWS has told of. */
export const lastResortSchema = z.object({
  /** CloudTrail's id of the call by which the role was taken up or, where that was not seen, of the first on record. */
  id: z.string(),
  account: z.string(),
  /** Persons whom what AWS told of it names: they may not review it. Empty where it names nobody of the directory. */
  users: z.array(z.string()),
  /** ARN of the user or role that assumed it; null where that call was not seen. */
  assumedBy: z.string().nullable(),
  /** The same as `whoami` names one, with the name of the session that it came by; null where an earlier version kept none. */
  principal: z.string().nullable(),
  /** The address that its first call came from. */
  from: z.string().nullable(),
  sessionName: z.string().nullable(),
  sourceIdentity: z.string().nullable(),
  /** From its first call until its credentials end, for certain. */
  since: iso,
  until: iso,
  calls: z.array(
    z.object({
      cloudTrailId: z.string(),
      name: z.string(),
      at: iso,
      region: z.string(),
      from: z.string().nullable(),
      /** The role, the cluster, task and container, the target or the session. */
      about: z.string().nullable(),
      sessionId: z.string().nullable(),
      /** AWS's word where it refused. */
      error: z.string().nullable(),
    }),
  ),
  /** How many calls there are beyond those. */
  moreCalls: z.number().optional(),
  review: z.object({
    state: z.enum(["owed", "overdue", "done"]),
    /** Absent of what an earlier version put on record: it is owed, and nobody has said by when. */
    dueAt: iso.optional(),
    /** It can be given from then on, when all that AWS tells of it is on record. */
    from: iso,
    verdict: z.enum(verdicts).optional(),
    by: z.string().optional(),
    at: iso.optional(),
    comment: z.string().optional(),
  }),
});
export type LastResortView = z.infer<typeof lastResortSchema>;

export const lastResortListSchema = z.object({
  items: z.array(lastResortSchema),
  cursor: z.string().optional(),
  asOf: iso,
});
