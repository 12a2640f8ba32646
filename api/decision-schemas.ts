import * as z from "zod";
import { LEAST_REASON_CHARACTERS, verdicts } from "../core/kinds/broke.ts";
import { lockKinds } from "../core/locks.ts";
import { createRequestSchema, targetSchema, text, words } from "./request-schemas.ts";

/** What callers send to decide, to end, and to change what is in force. */

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
