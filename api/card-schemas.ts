import * as z from "zod";

/** The cards that approvers are shown, as the gateway answers them. */

/** ISO 8601 in UTC. */
export const iso = z.string();
export const need = z.strictObject({
  group: z.string(),
  count: z.number(),
  /** Where the rule has an order: its place in it, from 1. Those of the lowest that is lacking come next. */
  step: z.int().min(1).exactOptional(),
});

/** Missing where one person's no is enough. */
export const denyAfter = z.int().min(2).exactOptional();

const cardRule = z.strictObject({
  id: z.string(),
  textHash: z.string(),
  needs: z.array(need),
  denyAfter,
});
export const requester = z.strictObject({ person: z.string(), name: z.string() });

/** Strict, so that a client never computes a digest over a member that it does not show. */
export const execCardSchema = z.strictObject({
  v: z.literal(1),
  kind: z.literal("exec"),
  breakGlass: z.literal(true).exactOptional(),
  requester,
  command: z.string(),
  argv: z.array(z.string()),
  opensShell: z.boolean(),
  runsAs: z.literal("root"),
  target: z.strictObject({
    kind: z.enum(["task", "service", "family"]),
    clusterArn: z.string(),
    serviceArn: z.string().nullable(),
    family: z.string(),
    container: z.string(),
    taskArn: z.string().nullable(),
    runtimeId: z.string().nullable(),
    pinnedRevision: z.string().nullable(),
    pinnedImage: z.string().nullable(),
  }),
  durationMinutes: z.number(),
  sessions: z.number(),
  start: z.union([
    z.literal("when the last approval is given"),
    z.templateLiteral(["not before ", iso]),
  ]),
  reason: z.string(),
  ticket: z.string().nullable(),
  rules: z.array(cardRule),
  warnings: z.array(z.string()),
  transcript: z.enum(["expected", "none"]),
});

export const extensionCardSchema = z.strictObject({
  v: z.literal(1),
  kind: z.literal("extend"),
  requester,
  command: z.string(),
  argv: z.array(z.string()),
  opensShell: z.boolean(),
  runsAs: z.literal("root"),
  target: execCardSchema.shape.target,
  approved: z.string(),
  minutes: z.number(),
  from: iso,
  until: iso,
  totalMinutes: z.number(),
  reason: z.string(),
  ticket: z.string().nullable(),
  rules: z.array(cardRule),
});

const activationCardSchema = z.strictObject({
  v: z.literal(1),
  kind: z.literal("activate"),
  requester,
  policies: z.string(),
  schema: z.string(),
  directory: z.string(),
  changes: z.array(z.string()),
  reason: z.string(),
  rules: z.array(cardRule),
});

export const cardSchema = z.discriminatedUnion("kind", [execCardSchema, activationCardSchema]);
