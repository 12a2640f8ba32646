import { SallyportError } from "../core/errors.ts";
import type { ParsedTarget } from "../core/target.ts";

/** What is said of a name that is none of ECS's, at the place in the body or query where it came. */
export function misnamed(
  { code, detail }: Pick<ParsedTarget & { kind: "invalid" }, "code" | "detail">,
  pointer: string,
): SallyportError {
  return new SallyportError(code, detail, {
    issues: [{ pointer, detail }],
    hint: "name it as ECS does, by its name or its ARN; `sallyport targets` lists where you may ask",
  });
}
