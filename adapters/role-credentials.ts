import type { Clock } from "../core/clock.ts";
import type { AwsCredentials, CredentialSource } from "./aws-client.ts";

const MARGIN_MS = 5 * 60_000;

/**
 * Credentials of one role, kept until five minutes before they expire. Callers who come while they are
 * being fetched share that one call; a failure is not kept.
 */
export function keptCredentials(
  fetch: () => Promise<Required<AwsCredentials>>,
  clock: Pick<Clock, "now">,
): CredentialSource {
  let kept: Required<AwsCredentials> | undefined;
  let pending: Promise<Required<AwsCredentials>> | undefined;
  return async () => {
    if (kept !== undefined && clock.now() < kept.expiration.getTime() - MARGIN_MS) return kept;
    pending ??= fetch().finally(() => {
      pending = undefined;
    });
    kept = await pending;
    return kept;
  };
}
