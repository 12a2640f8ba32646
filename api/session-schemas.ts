import * as z from "zod";
import { endCauses, endStrengths } from "../core/kinds/swept.ts";
import { iso, requester } from "./card-schemas.ts";

/** What the gateway answers of sessions: the credentials of one that was opened, and where each stands. */

/** That a session is over, why, and how that is known: SSM's word, or that its task has stopped. */
export const sessionEnd = z.object({
  at: iso,
  cause: z.enum(endCauses),
  /** Of `locked`: the id of the lock. */
  lock: z.string().optional(),
  strength: z.enum(endStrengths),
});

/** Exactly ExecuteCommand's response, plus `sallyport`. */
export const openedSessionSchema = z.object({
  clusterArn: z.string(),
  containerArn: z.string(),
  containerName: z.string(),
  interactive: z.boolean(),
  session: z.object({ sessionId: z.string(), streamUrl: z.string(), tokenValue: z.string() }),
  taskArn: z.string(),
  sallyport: z.object({
    requestId: z.string(),
    attempt: z.number(),
    /** SSM's target string: `ecs:<cluster>_<task id>_<runtimeId>`. */
    target: z.string(),
    region: z.string(),
    expiresAt: iso,
    transcript: z.enum(["expected", "none"]),
  }),
});
export type OpenedSession = z.infer<typeof openedSessionSchema>;

export const sessionViewSchema = z.object({
  sessionId: z.string(),
  requestId: z.string(),
  attempt: z.number(),
  /**
   * `live`: its credentials were handed over, and it may go on. `ending`: it has to end, and that it has is not
   * on record yet. `ended`: it is over, and `end` says how that is known.
   */
  state: z.enum(["live", "ending", "ended"]),
  delivered: z.boolean(),
  requester,
  clusterArn: z.string(),
  /** What was asked for: a service by its name, or a family. */
  service: z.string().optional(),
  family: z.string().optional(),
  taskArn: z.string(),
  container: z.string(),
  command: z.string().optional(),
  openedAt: iso,
  expiresAt: iso,
  transcript: z.enum(["expected", "none"]),
  end: sessionEnd.optional(),
});
export type SessionView = z.infer<typeof sessionViewSchema>;

/** 202: it is being ended. 200: it is over. */
export const terminatedSchema = sessionViewSchema.extend({
  /** By when it is over, or on record as not known to be. Absent where it is. */
  endsBy: iso.optional(),
  /** What happens next. */
  note: z.string(),
});
export type TerminatedView = z.infer<typeof terminatedSchema>;

export const sessionListSchema = z.object({
  items: z.array(sessionViewSchema),
  cursor: z.string().optional(),
  asOf: iso,
});
/** Exactly ExecuteCommand's response, and nothing else. */
export const executeCommandAnswerSchema = openedSessionSchema.omit({ sallyport: true });
