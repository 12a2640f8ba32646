import * as z from "zod";
import { elsewhere } from "../core/group-source.ts";
import { verdicts } from "../core/kinds/broke.ts";
import { lockKinds } from "../core/locks.ts";
import { statuses } from "../core/request-state.ts";
import {
  cardSchema,
  denyAfter,
  execCardSchema,
  extensionCardSchema,
  iso,
  need,
  requester,
} from "./card-schemas.ts";
import { sessionEnd } from "./session-schemas.ts";

/** What the gateway answers. Times are ISO 8601 in UTC. */

export const statusSchema = z.enum(statuses);

const sessionSchema = z.object({
  attempt: z.number(),
  /** `opening`: the intent is on record and no outcome yet. `unknown`: a command may be running. */
  state: z.enum(["opening", "opened", "failed", "unknown", "ended", "settled"]),
  sessionId: z.string().optional(),
  delivered: z.boolean().optional(),
  taskArn: z.string(),
  container: z.string(),
  at: iso,
  end: sessionEnd.optional(),
});

/** Alternatives: one of them satisfied is enough. `lacks` names what it still needs, and who can give it. */
const ruleViews = z.array(
  z.object({
    id: z.string(),
    textHash: z.string(),
    needs: z.array(need),
    lacks: z.array(
      z.object({
        ...need.shape,
        persons: z.array(z.string()),
        /** Others may be in that group, by the word of these sources: the directory does not say who. */
        alsoBy: z.array(z.enum(elsewhere)).optional(),
      }),
    ),
    automatic: z.boolean(),
    denyAfter,
  }),
);

const decisionViews = z.array(
  z.object({
    person: z.string(),
    decision: z.enum(["approve", "deny"]),
    at: iso,
    comment: z.string().optional(),
    /** They agreed for no longer than this. */
    maxMinutes: z.number().optional(),
    /** False when the card changed afterwards: it no longer counts. */
    counts: z.boolean(),
  }),
);

/** More time, asked for under a grant. */
const extensionView = z.object({
  number: z.number(),
  /** `superseded`: another was asked for in its place. `lapsed`: its request ended first. */
  status: z.enum(["pending", "granted", "denied", "superseded", "lapsed"]),
  minutes: z.number(),
  reason: z.string(),
  askedAt: iso,
  /** When the grant ends without it, and with all of it. */
  from: iso,
  until: iso,
  /** When it ends by what was granted. */
  expiresAt: iso.optional(),
  card: extensionCardSchema.optional(),
  digest: z.string().optional(),
  rules: ruleViews,
  decisions: decisionViews,
});

export const requestSchema = z.object({
  id: z.string(),
  /** Number of the last event: what `atLeast` and `after` take. */
  seq: z.number(),
  kind: z.enum(["exec", "activate"]),
  status: statusSchema,
  requester,
  target: execCardSchema.shape.target.optional(),
  command: z.string().optional(),
  argv: z.array(z.string()).optional(),
  shell: z.boolean().optional(),
  reason: z.string(),
  ticket: z.string().nullable(),
  card: cardSchema.optional(),
  digest: z.string().optional(),
  rules: ruleViews,
  decisions: decisionViews,
  /** `startsAt` where a start was asked for: nothing opens before. */
  grant: z.object({ rule: z.string(), startsAt: iso.optional(), expiresAt: iso }).optional(),
  extensions: z.array(extensionView).optional(),
  /** Set where the glass was broken: it was approved by nobody, and `review` says how it stands with that. */
  breakGlass: z.literal(true).optional(),
  /** The how manieth time it was of that person's on that UTC day, of so many that may be. */
  brokenOfDay: z.object({ day: z.string(), count: z.number(), limit: z.number() }).optional(),
  review: z
    .object({
      state: z.enum(["owed", "overdue", "done"]),
      dueAt: iso,
      verdict: z.enum(verdicts).optional(),
      by: z.string().optional(),
      at: iso.optional(),
      comment: z.string().optional(),
    })
    .optional(),
  sessions: z.array(sessionSchema),
  liveSessions: z.number(),
  preflight: z.array(z.object({ check: z.string(), status: z.string(), remedy: z.string() })),
  askedAt: iso,
  lapsesAt: iso.optional(),
  /** Why it was refused, denied, withdrawn or revoked, by whom and when; `detail` is their comment. */
  outcome: z
    .object({ code: z.string(), detail: z.string(), by: z.string().optional(), at: iso })
    .optional(),
  /** Set by a call that stops a request while sessions may run on. */
  note: z.string().optional(),
});
export type RequestView = z.infer<typeof requestSchema>;

export const requestListSchema = z.object({
  items: z.array(requestSchema),
  cursor: z.string().optional(),
  asOf: iso,
  stale: z.boolean().optional(),
});

export const lockSchema = z.object({
  id: z.string(),
  /** A person's or program's id, a group's name, or an ARN. */
  subject: z.object({ kind: z.enum(lockKinds), id: z.string() }),
  reason: z.string(),
  by: z.string(),
  at: iso,
  expiresAt: iso.optional(),
  /** False once it has expired or was released. */
  stands: z.boolean(),
  /** The first of two persons to unlock it. */
  release: z.object({ person: z.string(), at: iso }).optional(),
  /** Who may be one of the two. */
  mayUnlock: z.array(z.string()),
  /** And whoever is in one of these groups by the word of these sources: the directory does not say who. */
  alsoMayUnlock: z
    .object({ groups: z.array(z.string()), by: z.array(z.enum(elsewhere)) })
    .optional(),
  /** In the answer to the call that set it: that nothing of that name was there. */
  warning: z.string().optional(),
});
export type LockView = z.infer<typeof lockSchema>;

export const lockListSchema = z.object({ items: z.array(lockSchema), asOf: iso });

export const targetListSchema = z.object({
  items: z.array(
    z.object({
      clusterArn: z.string(),
      taskArn: z.string(),
      /** The service's name, or the family of a task that belongs to none. */
      service: z.string().optional(),
      family: z.string().optional(),
      containers: z.array(z.string()),
      /** What the rules look at there: the service's tags, or the family's. */
      tags: z.record(z.string(), z.string()).optional(),
      exec: z.object({ ready: z.boolean(), problems: z.array(z.string()) }),
    }),
  ),
  cursor: z.string().optional(),
  asOf: iso,
});

export const serviceListSchema = z.object({
  items: z.array(
    z.object({
      clusterArn: z.string(),
      service: z.string(),
      /** What the rules look at there. */
      tags: z.record(z.string(), z.string()),
      /** Running tasks, and those in each of whose containers ECS Exec would work now. */
      tasks: z.object({ running: z.number(), ready: z.number() }),
      /** What fails, in how many of the tasks, with what to do about it; that of most tasks first. */
      problems: z.array(z.object({ check: z.string(), remedy: z.string(), tasks: z.number() })),
    }),
  ),
  cursor: z.string().optional(),
  asOf: iso,
});

const finding = z.object({
  check: z.string(),
  /** `not_checked`: ECS does not tell; the remedy says how to look. */
  status: z.enum(["passed", "warning", "failed", "not_checked"]),
  remedy: z.string(),
});

/** What would come of asking. */
export const preflightSchema = z.object({
  /** Whether it would be asked: no check has failed. */
  ready: z.boolean(),
  /** Those checks that have. */
  problems: z.array(z.object({ check: z.string(), remedy: z.string() })),
  checks: z.array(finding),
  rules: requestSchema.shape.rules,
  card: execCardSchema,
  digest: z.string(),
});
export type PreflightView = z.infer<typeof preflightSchema>;

export const whoamiSchema = z.object({
  kind: z.enum(["person", "program", "nobody"]),
  id: z.string().optional(),
  name: z.string().optional(),
  principal: z.string(),
  groups: z.array(z.string()),
  /** Where the groups come from, and since when that is what it says. */
  groupsFrom: z.enum(["directory", "identity-center", "token", "none"]),
  groupsAsOf: iso.optional(),
  /** Why they are not known, where the directory leaves them to another source. */
  groupsUnknown: z.string().optional(),
  configuration: z.object({ seq: z.number(), hash: z.string(), activatedAt: iso }).optional(),
  now: iso,
});

export const healthSchema = z.object({
  status: z.enum(["ok", "not_activated"]),
  configuration: z.object({ seq: z.number(), hash: z.string() }).optional(),
  version: z.string(),
  now: iso,
});

/**
 * 200: the set is in force, by this call (`activated`) or since an earlier one (`active`). 202: it waits for decisions
 * as a request.
 */
export const activationAnswerSchema = z.object({
  activated: z.object({ seq: z.number(), hash: z.string() }).optional(),
  active: z
    .object({
      seq: z.number(),
      hash: z.string(),
      activatedAt: iso,
      /** Whose decision put it in force: a person, or the principal that restored the table. */
      by: z.string(),
      /** The request that asked for it; absent of the first set, and behind a restore. */
      request: z.string().optional(),
    })
    .optional(),
  request: requestSchema.optional(),
});
export type ActivationAnswer = z.infer<typeof activationAnswerSchema>;
