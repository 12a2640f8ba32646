import type * as z from "zod/mini";
import english from "zod/v4/locales/en.js";
import { type Issue, SallyportError } from "../../core/errors.ts";

/** The small form has no words of its own. */
const inEnglish = { error: english().localeError };

/**
 * A body by its schema. Throws `body_invalid`, naming each place, or the error that `own` has for one of
 * them by its pointer. Zod's own messages name no values.
 */
export function parseBody<T>(
  schema: z.ZodMiniType<T>,
  body: unknown,
  own: { [pointer: string]: (issues: Issue[]) => SallyportError } = {},
): T {
  const parsed = schema.safeParse(body ?? {}, inEnglish);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map((issue) => ({
    pointer: `/${issue.path.map((part) => String(part).replaceAll("~", "~0").replaceAll("/", "~1")).join("/")}`,
    detail: issue.message,
  }));
  for (const { pointer } of issues) {
    const error = Object.hasOwn(own, pointer) ? own[pointer]?.(issues) : undefined;
    if (error !== undefined) throw error;
  }
  throw new SallyportError("body_invalid", "the body is not what this route takes", {
    issues,
    hint: "see GET /v1/openapi.json",
  });
}

/** The same for the query string. */
export function parseQuery<T>(schema: z.ZodMiniType<T>, query: { [name: string]: string }): T {
  const parsed = schema.safeParse(query, inEnglish);
  if (parsed.success) return parsed.data;
  throw new SallyportError("query_invalid", "the query is not what this route takes", {
    issues: parsed.error.issues.map((issue) => ({
      pointer: `?${issue.path.map(String).join(".")}`,
      detail: issue.message,
    })),
    hint: "see GET /v1/openapi.json",
  });
}

/** Members of the API that this version does not have yet: refused by name, never ignored. */
export function notSupported(body: { [name: string]: unknown }, members: string[]): void {
  const found = members.filter((member) => body[member] !== undefined);
  if (found.length === 0) return;
  throw new SallyportError("not_supported", `not built yet: ${found.join(", ")}`, {
    issues: found.map((member) => ({ pointer: `/${member}`, detail: "not built yet" })),
  });
}
