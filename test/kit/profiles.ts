import { users } from "../../local/identities.ts";

/** Who calls, as API Gateway's authorizer names them. */
export const uniqueIds = {
  ...users,
  /** In no directory. */
  nobody: "AIDANOBODY0000000009",
};
/** `other-1` and so on: in no directory but one that a test puts in force. */
export type Profile = keyof typeof uniqueIds | `other-${number}`;

export function uniqueIdOf(profile: Profile): string {
  const known: { [profile: string]: string } = uniqueIds;
  return known[profile] ?? `AIDAOTHER${profile.replace(/^\D+/, "").padStart(11, "0")}`;
}
