import { SallyportError } from "../core/errors.ts";
import type { Told } from "../core/surroundings.ts";
import { awsErrorOf, credentialsRefused } from "./aws-error.ts";
import type { ReadRole } from "./read-role.ts";

/**
 * What a call was told, or why it was not: refused, throttled, too late, not understood. Only for calls without
 * which a decision can be made: never throws.
 */
export async function told<T>(
  role: ReadRole,
  account: string,
  operation: string,
  send: () => Promise<T | undefined>,
): Promise<Told<T>> {
  try {
    const value = await send();
    if (value !== undefined) return { kind: "told", value };
    return { kind: "not_told", why: `${operation} did not answer as expected` };
  } catch (error) {
    if (credentialsRefused(error)) role.forget(account);
    const answered = awsErrorOf(error);
    const why =
      answered?.error ??
      (error instanceof SallyportError ? error.code : "it did not answer in time");
    return { kind: "not_told", why: `the gateway could not ask ${operation} (${why})` };
  }
}
