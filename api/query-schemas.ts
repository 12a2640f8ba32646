import * as z from "zod";
import { text } from "./request-schemas.ts";

/** What callers look for: the query strings. */

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
