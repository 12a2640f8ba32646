import { authorize, principalContext } from "../authorization.ts";
import { AwsError } from "../aws-error.ts";
import { integerOf, textOf } from "../input.ts";
import { isObject } from "../json.ts";
import type { Operation } from "../world.ts";

const PATTERN_CHARACTERS = 1_024;

/**
 * FilterLogEvents over one log group, with no pattern or one of the form
 * `{ ($.member = "text") || ($.member = "text") }`. Answers all in one page.
 */
export const filterLogEvents: Operation = (world, principal, input) => {
  const name = textOf(input, "logGroupName") ?? "";
  const arn = `arn:aws:logs:${world.region}:${world.account}:log-group:${name}:*`;
  const context = principalContext(principal, world.now(), world.region);
  const decision = authorize(principal, "logs:FilterLogEvents", arn, context);
  if (decision.kind === "denied") throw new AwsError("AccessDeniedException", decision.message);
  const group = world.logGroups.get(name);
  if (group === undefined) {
    throw new AwsError("ResourceNotFoundException", "The specified log group does not exist.");
  }
  const passes = readPattern(textOf(input, "filterPattern") ?? "");
  const from = integerOf(input, "startTime") ?? 0;
  const to = integerOf(input, "endTime") ?? world.now();
  const found = group.between(from, to).filter(({ message }) => passes(message));
  return { events: found.map(({ timestamp, message }) => ({ timestamp, message })) };
};

function readPattern(pattern: string): (message: string) => boolean {
  if (pattern === "") return () => true;
  const [, inside] = /^\{ (\(.+\)) \}$/.exec(pattern) ?? [];
  const terms = (inside ?? "").split(" || ").map((term) => {
    const [, member, text] = /^\(\$\.(\w+) = "([^"\\*]*)"\)$/.exec(term) ?? [];
    return member === undefined ? undefined : { member, text };
  });
  if (pattern.length > PATTERN_CHARACTERS || terms.includes(undefined)) {
    throw new AwsError("InvalidParameterException", "Invalid filter pattern");
  }
  return (message) => {
    const line = read(message);
    return terms.some((term) => term !== undefined && line[term.member] === term.text);
  };
}

function read(message: string): { [member: string]: unknown } {
  try {
    const line: unknown = JSON.parse(message);
    return isObject(line) ? (line as { [member: string]: unknown }) : {};
  } catch {
    return {}; // a line of another form matches no pattern of members
  }
}
