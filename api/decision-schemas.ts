import * as z from "zod/mini";
import { LEAST_REASON_CHARACTERS, verdicts } from "../core/kinds/broke.ts";
import { lockKinds } from "../core/locks.ts";
import { createRequestSchema, minutes, targetSchema, text, words } from "./request-schemas.ts";

/** What callers send to decide, to end, and to change what is in force. */

export const breakGlassSchema = z.strictObject({
  target: targetSchema,
  command: createRequestSchema.shape.command,
  reason: words(1024).check(z.minLength(LEAST_REASON_CHARACTERS)),
  ticket: createRequestSchema.shape.ticket,
  durationMinutes: createRequestSchema.shape.durationMinutes,
});

export const reviewSchema = z.strictObject({
  verdict: z.enum(verdicts),
  comment: words(1024),
});

export const decisionSchema = z.strictObject({
  decision: z.enum(["approve", "deny"]),
  digest: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
  comment: z.optional(words(1024)),
  /** Of an approval: for no longer than this. It may only shorten. */
  maxMinutes: z.optional(minutes(1440)),
});

export const extensionSchema = z.strictObject({
  minutes: minutes(1440),
  reason: words(1024),
});

export const cancelSchema = z.strictObject({ comment: z.optional(words(1024)) });

export const revokeSchema = z.strictObject({ comment: z.optional(words(1024)) });

export const terminateSchema = z.strictObject({
  comment: z.optional(words(1024)),
  /** Stops the whole task, and not the session alone. */
  stopTask: z.optional(z.boolean()),
});

export const activationSchema = z.strictObject({
  /** The rules: the `.cedar` files of a folder, joined in the order of their names. */
  policies: z.string().check(z.maxLength(1_500_000)),
  schema: z.string().check(z.maxLength(300_000)),
  directory: z.string().check(z.maxLength(2_500_000)),
  reason: words(1024),
  /** To have the set that is in force agreed to once more; without it, that it is in force is the answer. */
  evenIfActive: z.optional(z.boolean()),
});

export const createLockSchema = z.strictObject({
  subject: z.strictObject({
    kind: z.enum(lockKinds),
    /** A person's or program's id, a group's name, a cluster's name or ARN; of a service or task `[CLUSTER/]NAME` or its ARN. */
    id: text(2048),
  }),
  reason: words(1024),
  /** Left out: until two persons unlock it. */
  durationMinutes: z.optional(minutes(43_200)),
});

export const releaseLockSchema = z.strictObject({ comment: z.optional(words(1024)) });
