import * as z from "zod/mini";
import { statuses } from "../core/request-state.ts";
import { text } from "./request-schemas.ts";

/** What callers look for: the query strings. */

export const listLocksQuery = z.strictObject({
  /** Only those that stop this request, for whoever may see it. */
  request: z.optional(text(26)),
});

export const listRequestsQuery = z.strictObject({
  from: z.optional(z.iso.datetime()),
  to: z.optional(z.iso.datetime()),
  status: z.optional(z.enum(statuses)),
  requester: z.optional(text(48)),
  approver: z.optional(text(48)),
  cluster: z.optional(text(2048)),
  service: z.optional(text(2048)),
  ticket: z.optional(text(256)),
  /** Those for which the glass was broken and no review has been given; those whose review is late. */
  review: z.optional(z.enum(["owed", "overdue"])),
  cursor: z.optional(text(2048)),
  atLeast: z.optional(z.string().check(z.regex(/^[0-9a-z]{26}:[0-9]{1,6}$/))),
});

export const listLastResortQuery = z.strictObject({
  /** Those of which no review has been given; those whose review is late. */
  review: z.optional(z.enum(["owed", "overdue"])),
  cursor: z.optional(text(2048)),
});

export const getRequestQuery = z.strictObject({
  /** Wait at most so long for an event with a number greater than `after`. */
  waitSeconds: z.optional(z.coerce.number().check(z.int(), z.minimum(0), z.maximum(20))),
  after: z.optional(z.coerce.number().check(z.int(), z.minimum(0))),
});

export const listSessionsQuery = z.strictObject({
  from: z.optional(z.iso.datetime()),
  to: z.optional(z.iso.datetime()),
  requester: z.optional(text(48)),
  state: z.optional(z.enum(["live", "ending", "ended"])),
  cursor: z.optional(text(2048)),
});

export const listTargetsQuery = z.strictObject({
  cluster: z.optional(text(2048)),
  service: z.optional(text(2048)),
  cursor: z.optional(text(2048)),
});

export const listServicesQuery = z.strictObject({
  cluster: z.optional(text(2048)),
  cursor: z.optional(text(2048)),
});

export const listEventsQuery = z.strictObject({
  day: z.iso.date(),
  cursor: z.optional(text(2048)),
});

export const getActivationQuery = z.strictObject({
  /** Its number on CONF, or `active`. */
  seq: z.string().check(z.regex(/^(?:active|[1-9][0-9]{0,5})$/)),
  /** The activation that is asked for, by which the caller sees what is in force. */
  request: z.optional(text(26)),
});

export const getTextQuery = z.strictObject({
  hash: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
  /** The activation that is asked for, by which the caller sees the text. */
  request: z.optional(text(26)),
});

export const emptyQuery = z.strictObject({});
