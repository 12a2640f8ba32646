import * as z from "zod";
import { LEAST_REASON_CHARACTERS, verdicts } from "../core/kinds/broke.ts";
import { lockKinds } from "../core/locks.ts";

/** What callers send. Strict: a member we do not know is refused, never ignored. */

const text = (maxChars: number) => z.string().min(1).max(maxChars);
/** Something that a person who reads it can see. */
const words = (maxChars: number) =>
  text(maxChars).regex(/[\p{L}\p{N}\p{P}\p{S}]/u, "must hold a letter, a digit or a sign");

/** Lengths here are in characters and only keep parsing cheap; the limits in UTF-8 bytes are the core's. */
export const targetSchema = z.strictObject({
  /** No length: what is no cluster has a code of its own. */
  cluster: z.string().optional(),
  service: text(2048).optional(),
  family: text(255).optional(),
  task: text(2048).optional(),
  container: text(255).optional(),
});

export const createRequestSchema = z.strictObject({
  target: targetSchema,
  command: z.string().max(8192),
  interactive: z.literal(true).optional(),
  reason: words(1024),
  ticket: words(256).optional(),
  durationMinutes: z.int().min(1).max(1440).optional(),
  /** When the grant is to begin at the earliest; its clock runs from then. At most seven days ahead. */
  startAt: z.iso.datetime({ offset: true }).optional(),
  onBehalfOf: z.unknown().optional(),
});

export const breakGlassSchema = z.strictObject({
  target: targetSchema,
  command: createRequestSchema.shape.command,
  reason: words(1024).min(LEAST_REASON_CHARACTERS),
  ticket: createRequestSchema.shape.ticket,
  durationMinutes: createRequestSchema.shape.durationMinutes,
});

export const reviewSchema = z.strictObject({
  verdict: z.enum(verdicts),
  comment: words(1024),
});

/** ExecuteCommand's own request, and what a request needs beyond it. */
export const executeCommandSchema = z.strictObject({
  cluster: targetSchema.shape.cluster,
  command: createRequestSchema.shape.command,
  container: targetSchema.shape.container,
  interactive: z.literal(true),
  task: text(2048),
  reason: createRequestSchema.shape.reason,
  ticket: createRequestSchema.shape.ticket,
  durationMinutes: createRequestSchema.shape.durationMinutes,
});

export const decisionSchema = z.strictObject({
  decision: z.enum(["approve", "deny"]),
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  comment: words(1024).optional(),
  /** Of an approval: for no longer than this. It may only shorten. */
  maxMinutes: z.int().min(1).max(1440).optional(),
});

export const extensionSchema = z.strictObject({
  minutes: z.int().min(1).max(1440),
  reason: words(1024),
});

export const cancelSchema = z.strictObject({ comment: words(1024).optional() });

export const revokeSchema = z.strictObject({ comment: words(1024).optional() });

export const terminateSchema = z.strictObject({
  comment: words(1024).optional(),
  /** Stops the whole task, and not the session alone. */
  stopTask: z.boolean().optional(),
});

export const openSessionSchema = z.strictObject({
  /** The session that was lost, to be ended first. */
  replace: text(96).optional(),
});

export const activationSchema = z.strictObject({
  /** The rules: the `.cedar` files of a folder, joined in the order of their names. */
  policies: z.string().max(1_500_000),
  schema: z.string().max(300_000),
  directory: z.string().max(2_500_000),
  reason: words(1024),
});

export const createLockSchema = z.strictObject({
  subject: z.strictObject({
    kind: z.enum(lockKinds),
    /** A person's or program's id, a group's name, a cluster's name or ARN; of a service or task `[CLUSTER/]NAME` or its ARN. */
    id: text(2048),
  }),
  reason: words(1024),
  /** Left out: until two persons unlock it. */
  durationMinutes: z.int().min(1).max(43_200).optional(),
});

export const releaseLockSchema = z.strictObject({ comment: words(1024).optional() });

export const listLocksQuery = z.strictObject({
  /** Only those that stop this request, for whoever may see it. */
  request: text(26).optional(),
});

export const listRequestsQuery = z.strictObject({
  from: z.iso.datetime().optional(),
  to: z.iso.datetime().optional(),
  status: z
    .enum(["pending", "approved", "closed", "refused", "denied", "lapsed", "cancelled", "revoked"])
    .optional(),
  requester: text(48).optional(),
  approver: text(48).optional(),
  cluster: text(2048).optional(),
  service: text(2048).optional(),
  ticket: text(256).optional(),
  /** Those for which the glass was broken and no review has been given; those whose review is late. */
  review: z.enum(["owed", "overdue"]).optional(),
  cursor: text(2048).optional(),
  atLeast: z
    .string()
    .regex(/^[0-9a-z]{26}:[0-9]{1,6}$/)
    .optional(),
});

export const getRequestQuery = z.strictObject({
  /** Wait at most so long for an event with a number greater than `after`. */
  waitSeconds: z.coerce.number().int().min(0).max(20).optional(),
  after: z.coerce.number().int().min(0).optional(),
});

export const listSessionsQuery = z.strictObject({
  from: z.iso.datetime().optional(),
  to: z.iso.datetime().optional(),
  requester: text(48).optional(),
  state: z.enum(["live", "ending", "ended"]).optional(),
  cursor: text(2048).optional(),
});

export const listTargetsQuery = z.strictObject({
  cluster: text(2048).optional(),
  service: text(2048).optional(),
  cursor: text(2048).optional(),
});

export const listServicesQuery = z.strictObject({
  cluster: text(2048).optional(),
  cursor: text(2048).optional(),
});

export const listEventsQuery = z.strictObject({
  day: z.iso.date(),
  cursor: text(2048).optional(),
});

export const getActivationQuery = z.strictObject({
  /** Its number on CONF, or `active`. */
  seq: z.string().regex(/^(?:active|[1-9][0-9]{0,5})$/),
  /** The activation that is asked for, by which the caller sees what is in force. */
  request: text(26).optional(),
});

export const getTextQuery = z.strictObject({
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  /** The activation that is asked for, by which the caller sees the text. */
  request: text(26).optional(),
});

export const emptyQuery = z.strictObject({});
