import type { RoleSession } from "../aws-calls.ts";
import { asAws, atLarge } from "./forbidden-at-large.ts";
import { inSessions } from "./forbidden-in-sessions.ts";
import { besideTheRecord, chains, onTheRecord, putting, rowOf } from "./forbidden-in-tables.ts";
import { type Forbidden, functionsHere } from "./forbidden-question.ts";
import { ADMINISTRATOR, assumes, assuming, ROLES, tags, target } from "./forbidden-roles.ts";
import { tableArn } from "./requests.ts";

/*
 * What nobody may do, as questions to IAM: each right but for one thing, so that it is this thing that denies it.
 * Written from the design and from no policy.
 */

/** What somebody with every right in the account may not do all the same. */
function byAdministrators(): Forbidden[] {
  const session: RoleSession = { roleArn: ADMINISTRATOR, name: "adam", tags: {} };
  const asker = { function: "", session };
  const pk = chains["REQ"] ?? "";
  const items = [
    "UpdateItem",
    "DeleteItem",
    "BatchWriteItem",
    "PartiQLInsert",
    "PartiQLUpdate",
    "PartiQLDelete",
  ].flatMap((action) => rowOf(action, "events", pk));
  return [
    ...items,
    ...putting(pk, "asked"),
    ...[
      "UpdateTimeToLive",
      "DeleteResourcePolicy",
      "DeleteTable",
      "DisableKinesisStreamingDestination",
      "EnableKinesisStreamingDestination",
      "PutResourcePolicy",
      "UpdateTable",
    ].map((action) => ({
      action: `dynamodb:${action}`,
      resource: tableArn("events"),
      context: {},
    })),
    ...(["read", "exec", "end"] as const).map((role) =>
      assuming(target(role), role === "exec" ? "req-1.1" : "end-1", {
        tags,
        sourceIdentity: "dev",
      }),
    ),
    ...["TagSession", "SetSourceIdentity"].map((action) =>
      assuming(target("exec"), "req-1.1", { tags, sourceIdentity: "dev" }, action),
    ),
    ...functionsHere.map((name) => assuming(`${ROLES}sallyport-lambda-${name}`, "x")),
  ].map((request) => ({ what: `an administrator: ${request.action}`, asker, request }));
}

/** All of it. `sent` are sessions that the gateway began, with the policies it sent. */
export function forbiddenRequests(sent: Parameters<typeof inSessions>[0]): Forbidden[] {
  return [
    ...functionsHere.flatMap((name) =>
      [
        ...onTheRecord(name),
        ...besideTheRecord(name),
        ...assumes(name),
        ...atLarge.map(([action, resource, context = {}]) => ({
          what: action,
          request: { action, resource, context },
        })),
        ...asAws(name),
      ].map((one) => ({ ...one, what: `${name}: ${one.what}`, asker: { function: name } })),
    ),
    ...inSessions(sent),
    ...byAdministrators(),
  ];
}
