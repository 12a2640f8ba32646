import * as z from "zod";
import { iso } from "./card-schemas.ts";

/** What the gateway answers of the record itself, to whoever audits. */

const storedEvent = z.object({
  chain: z.string(),
  seq: z.number(),
  family: z.string(),
  /** The event as it is stored: canonical JSON, verbatim. */
  leaf: z.string(),
  nonce: z.string(),
  /** Committed values and their salts, where they were not erased. */
  open: z.record(z.string(), z.object({ salt: z.string(), value: z.string() })),
});

export const storedEventListSchema = z.object({
  items: z.array(storedEvent),
  /** Places that the day's index names and where no event stands: somebody has written to the index alone. */
  missing: z.array(z.object({ chain: z.string(), seq: z.number() })).optional(),
  cursor: z.string().optional(),
  asOf: iso,
});

/** A text of a set, by its SHA-256. */
export const storedTextSchema = z.object({
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  text: z.string(),
});
