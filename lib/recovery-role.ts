import { CfnRole } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import { policyDocument } from "../core/policy-document.ts";
import { recoveryPolicy } from "../core/recovery-policy.ts";
import { ROLE_PATH } from "../core/roles.ts";
import { acknowledge, INLINE_POLICY } from "./acknowledge.ts";
import type { OwnKey } from "./own-key.ts";

/** The name of the role: fixed, so that the table's own policy can name it. */
export const RECOVERY_ROLE = "sallyport-recovery";

export interface RecoveryRoleProps {
  /** ARNs of the users and roles that may assume it, with a second factor. */
  principals: string[];
  eventsTableArn: string;
  viewsTableArn: string;
  /** Whether lost events may be put back from an export. */
  mayReplay: boolean;
  /**
   * The key of the tables.
   *
   * @default AWS's own
   */
  ownKey?: OwnKey | undefined;
}

/** IAM allows no shorter longest session. */
const ONE_HOUR_SECONDS = 3_600;

/**
 * Whoever opens a restored table, or makes the lists anew: a person, with a second factor, for an hour. It puts a fence
 * on the rules' chain and rows in the lists, and decides nothing.
 */
export class RecoveryRole extends Construct {
  constructor(scope: Construct, id: string, props: RecoveryRoleProps) {
    super(scope, id);
    const { principals, ownKey, ...of } = props;
    const role = new CfnRole(this, "Role", {
      roleName: RECOVERY_ROLE,
      path: ROLE_PATH,
      maxSessionDuration: ONE_HOUR_SECONDS,
      assumeRolePolicyDocument: policyDocument({
        Sid: "WithASecondFactor",
        Effect: "Allow",
        Principal: { AWS: principals },
        Action: ["sts:AssumeRole"],
        Condition: { Bool: { "aws:MultiFactorAuthPresent": "true" } },
      }),
      policies: [
        { policyName: "recovery", policyDocument: recoveryPolicy(of) },
        ...(ownKey === undefined
          ? []
          : [{ policyName: "key", policyDocument: ownKey.tablesPolicy() }]),
      ],
    });
    acknowledge(role, {
      ...INLINE_POLICY,
      ...(ownKey === undefined
        ? {}
        : {
            "AwsSolutions-IAM5[Action::kms:GenerateDataKey*]":
              "DynamoDB chooses which; the condition lets nobody but DynamoDB use it.",
          }),
    });
  }
}
