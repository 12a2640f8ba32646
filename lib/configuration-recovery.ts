import * as z from "zod";
import { principalArn } from "./configuration-outside.ts";

/* What a configuration says of a record that was restored, and of who restores it. */

const recovery = z.strictObject({
  principals: z
    .array(principalArn)
    .min(1, "name at least one user or role")
    .max(10, "more than ten can: name fewer")
    .describe("Users, or roles assumed with a second factor, that may assume it."),
  mayReplay: z
    .boolean()
    .default(false)
    .describe(
      "Whether it may put lost events back from an export: then it may put any event, so switch it on for a restore alone.",
    ),
});

/** The fields, for the schema of the whole. */
export const recoveryFields = {
  recovery: recovery
    .optional()
    .describe(
      "The role `sallyport-recovery`, with which `sallyport restore` opens a restored table and `sallyport views rebuild` makes the lists anew.",
    ),
  restoredEventsTable: z
    .string()
    .regex(
      /^[a-zA-Z0-9_.-]{3,255}$/,
      "not the name of a table: `aws dynamodb list-tables` prints it",
    )
    .optional()
    .describe(
      "The name of the table that holds the record since it was restored from a backup. It has to be imported into the stack (docs/operating.md); lists and counters begin anew beside it.",
    ),
};
