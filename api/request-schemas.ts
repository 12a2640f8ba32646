import * as z from "zod/mini";

/*
 * What callers send to ask and to open. Strict: a member we do not know is refused, never ignored. What decides and
 * what looks has files of its own: a schema costs a cold start when its file is loaded, and no function needs all.
 * Written in zod's small form, for zod's large one was a fifth of what exec loads (bench/README.md).
 */

export const text = (maxChars: number) => z.string().check(z.minLength(1), z.maxLength(maxChars));
/** Something that a person who reads it can see. */
export const words = (maxChars: number) =>
  text(maxChars).check(z.regex(/[\p{L}\p{N}\p{P}\p{S}]/u, "must hold a letter, a digit or a sign"));
/** A duration, or an end of one, in whole minutes. */
export const minutes = (most: number) => z.int().check(z.minimum(1), z.maximum(most));

/** Lengths here are in characters and only keep parsing cheap; the limits in UTF-8 bytes are the core's. */
export const targetSchema = z.strictObject({
  /** No length: what is no cluster has a code of its own. */
  cluster: z.optional(z.string()),
  service: z.optional(text(2048)),
  family: z.optional(text(255)),
  task: z.optional(text(2048)),
  container: z.optional(text(255)),
});

export const createRequestSchema = z.strictObject({
  target: targetSchema,
  command: z.string().check(z.maxLength(8192)),
  interactive: z.optional(z.literal(true)),
  reason: words(1024),
  ticket: z.optional(words(256)),
  durationMinutes: z.optional(minutes(1440)),
  /** When the grant is to begin at the earliest; its clock runs from then. At most seven days ahead. */
  startAt: z.optional(z.iso.datetime({ offset: true })),
  onBehalfOf: z.optional(z.unknown()),
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

export const openSessionSchema = z.strictObject({
  /** The session that was lost, to be ended first. */
  replace: z.optional(text(96)),
});
