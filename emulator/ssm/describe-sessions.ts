import { AwsError } from "../aws-error.ts";
import { integerOf, objectsOf, textOf } from "../input.ts";
import type { JsonObject } from "../json.ts";
import { pageOf } from "../paging.ts";
import type { ExecSession } from "../sessions.ts";
import { type Operation, present } from "../world.ts";
import { demandOnAll } from "./authorize-ssm.ts";

/** What a filter compares, by the key SSM gives it. Times are epoch milliseconds. */
const FILTERS: { readonly [key: string]: (session: ExecSession, value: string) => boolean } = {
  InvokedAfter: ({ startedAt }, value) => startedAt > instant(value),
  InvokedBefore: ({ startedAt }, value) => startedAt < instant(value),
  Target: ({ target }, value) => target === value,
  Owner: ({ owner }, value) => owner === value,
  Status: ({ status }, value) => status === value,
  SessionId: ({ id }, value) => id === value,
};

/**
 * DescribeSessions: the sessions that go on (`Active`) or have ended (`History`). IAM knows no
 * resource for it.
 */
export const describeSessions: Operation = (world, principal, input) => {
  const state = textOf(input, "State");
  if (state !== "Active" && state !== "History") {
    throw new AwsError("ValidationException", "State must be Active or History");
  }
  const maxResults = integerOf(input, "MaxResults") ?? 50;
  if (maxResults < 1 || maxResults > 200) {
    throw new AwsError("ValidationException", "MaxResults must be between 1 and 200");
  }
  demandOnAll(world, principal, "ssm:DescribeSessions");
  const filters = readFilters(input);
  const found = world.sessions
    .list()
    .filter(({ status }) => (status === "Terminated") === (state === "History"))
    .filter((session) => filters.every((passes) => passes(session)));
  const page = pageOf(found, ({ id }) => id, maxResults, textOf(input, "NextToken"));
  if (page === undefined)
    throw new AwsError("InvalidNextToken", "The specified token isn't valid.");
  return present({ Sessions: page.items.map(sessionShape), NextToken: page.nextToken });
};

function readFilters(input: JsonObject): ((session: ExecSession) => boolean)[] {
  const written = objectsOf(input, "Filters") ?? [];
  if (written.length > 6) throw new AwsError("ValidationException", "Filters: at most 6");
  return written.map(({ key, value }) => {
    const passes =
      typeof key === "string" && Object.hasOwn(FILTERS, key) ? FILTERS[key] : undefined;
    if (passes === undefined || typeof value !== "string") {
      throw new AwsError("InvalidFilterKey", "The specified filter key isn't valid.");
    }
    if (key === "InvokedAfter" || key === "InvokedBefore") instant(value);
    return (session) => passes(session, value);
  });
}

function instant(value: string): number {
  const at = Date.parse(value);
  if (Number.isNaN(at)) throw new AwsError("ValidationException", `${value} is not a date`);
  return at;
}

function sessionShape(session: ExecSession): JsonObject {
  return present({
    SessionId: session.id,
    Target: session.target,
    Status: session.status,
    StartDate: session.startedAt / 1_000,
    EndDate: session.endedAt === undefined ? undefined : session.endedAt / 1_000,
    DocumentName: "AmazonECS-ExecuteInteractiveCommand",
    Owner: session.owner,
    AccessType: "Standard",
  });
}
