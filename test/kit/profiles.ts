/** Who calls, as API Gateway's authorizer names them; ids as in policies/directory.json. */
export const uniqueIds = {
  dev: "AIDADEV0000000000001",
  dev2: "AIDADEV2000000000002",
  lead: "AIDALEAD000000000003",
  sre: "AIDASRE0000000000004",
  auditor: "AIDAAUDIT00000000005",
  stranger: "AIDASTRANGER00000006",
  bot: "AIDABOT0000000000007",
  operator: "AIDAOPERATOR00000008",
  /** In no directory. */
  nobody: "AIDANOBODY0000000009",
};
/** `other-1` and so on: in no directory but one that a test puts in force. */
export type Profile = keyof typeof uniqueIds | `other-${number}`;

export function uniqueIdOf(profile: Profile): string {
  const known: { [profile: string]: string } = uniqueIds;
  return known[profile] ?? `AIDAOTHER${profile.replace(/^\D+/, "").padStart(11, "0")}`;
}
