import * as z from "zod";

/*
 * What callers send to ask and to open. Strict: a member we do not know is refused, never ignored. What decides and
 * what looks has files of its own: a schema costs a cold start when its file is loaded, and no function needs all.
 */

export const text = (maxChars: number) => z.string().min(1).max(maxChars);
/** Something that a person who reads it can see. */
export const words = (maxChars: number) =>
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
  replace: text(96).optional(),
});
