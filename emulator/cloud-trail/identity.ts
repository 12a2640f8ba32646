import type { JsonObject } from "../json.ts";
import type { Principal } from "../principal.ts";
import { present } from "../world.ts";

/** Who called, as CloudTrail says it of a user and of a role's session. */
export function userIdentity(principal: Principal): JsonObject {
  const { arn, userId, account, accessKeyId, roleArn, sourceIdentity, since } = principal;
  const who = { principalId: userId, arn, accountId: account, accessKeyId };
  if (roleArn === undefined) {
    return { type: "IAMUser", ...who, userName: arn.split("/").at(-1) ?? "" };
  }
  return {
    type: "AssumedRole",
    ...who,
    sessionContext: present({
      sessionIssuer: {
        type: "Role",
        principalId: userId.split(":")[0] ?? "",
        arn: roleArn,
        accountId: account,
        userName: roleArn.split("/").at(-1) ?? "",
      },
      attributes: {
        creationDate: `${new Date(since).toISOString().slice(0, 19)}Z`,
        mfaAuthenticated: "false",
      },
      sourceIdentity,
    }),
  };
}

/** A service of AWS that called on somebody's behalf. */
export function serviceIdentity(service: string): JsonObject {
  return { type: "AWSService", invokedBy: service };
}
