import type { RouteName } from "../../api/routes.ts";
import type { EpochMillis } from "../../core/clock.ts";
import { SallyportError } from "../../core/errors.ts";
import type { Call } from "../call.ts";

/** What gives somebody a right, or a way in: for these a token of long ago is not enough. */
const fresh: readonly RouteName[] = [
  "decideRequest",
  // Where a rule approves by itself, more time is given by being asked for.
  "extendRequest",
  "openSession",
  "executeCommand",
  "breakGlass",
  "releaseLock",
];

/**
 * Throws `sign_in_again` where the issuer's configuration wants a fresher sign-in for this than the token tells of. A
 * denial gives nobody anything, and needs none.
 */
export function requireFreshSignIn(
  route: { name: RouteName },
  { signIn, body }: Pick<Call, "signIn" | "body">,
  now: EpochMillis,
): void {
  if (signIn === undefined || !fresh.includes(route.name)) return;
  const isDenial =
    typeof body === "object" && body !== null && "decision" in body && body["decision"] === "deny";
  if (isDenial) return;
  const { at, maxAgeMs } = signIn;
  if (at !== undefined && now - at <= maxAgeMs) return;
  const minutes = maxAgeMs / 60_000;
  throw new SallyportError(
    "sign_in_again",
    at === undefined
      ? "the token does not say when you signed in"
      : `you signed in ${Math.floor((now - at) / 60_000)} minutes ago, and this takes a sign-in of the last ${minutes}`,
    {
      hint:
        at === undefined
          ? "the issuer has to put auth_time into its tokens; ask those who run it"
          : "sign in again with your identity provider (prompt=login, or max_age), and send the new token",
      members: { maxAuthAgeMinutes: minutes },
    },
  );
}
