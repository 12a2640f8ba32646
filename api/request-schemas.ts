import { z } from "zod";

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
  startAt: z.unknown().optional(),
  onBehalfOf: z.unknown().optional(),
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
  maxMinutes: z.unknown().optional(),
});

export const cancelSchema = z.strictObject({ comment: words(1024).optional() });

export const revokeSchema = z.strictObject({ comment: words(1024).optional() });

export const openSessionSchema = z.strictObject({ replace: z.unknown().optional() });

export const activationSchema = z.strictObject({
  /** The rules: the `.cedar` files of a folder, joined in the order of their names. */
  policies: z.string().max(1_500_000),
  schema: z.string().max(300_000),
  directory: z.string().max(2_500_000),
  reason: words(1024),
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

export const listEventsQuery = z.strictObject({
  day: z.iso.date(),
  cursor: text(2048).optional(),
});

export const getActivationQuery = z.strictObject({
  /** Its number on CONF, or `active`. */
  seq: z.string().regex(/^(?:active|[1-9][0-9]{0,5})$/),
});

export const getTextQuery = z.strictObject({ hash: z.string().regex(/^[0-9a-f]{64}$/) });

export const emptyQuery = z.strictObject({});
