import { RemovalPolicy, Stack } from "aws-cdk-lib";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Key } from "aws-cdk-lib/aws-kms";
import { Construct } from "constructs";
import { type PolicyDocument, policyDocument } from "../core/policy-document.ts";

/** What DynamoDB does with a table's key, by the right of whoever calls it. */
const BY_DYNAMODB = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*"];

/**
 * A key of the account's own for the record, the lists, the logs and what alarms say. It is kept when the stack goes:
 * without it nothing of the record can be read.
 */
export class OwnKey extends Construct {
  readonly key: Key;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const { account, region, partition } = Stack.of(this);
    this.key = new Key(this, "Key", {
      alias: "alias/sallyport",
      description: "Sallyport: the record, the lists and the logs",
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    this.key.addToResourcePolicy(
      new PolicyStatement({
        sid: "Logs",
        principals: [new ServicePrincipal("logs.amazonaws.com")],
        actions: ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey*", "kms:DescribeKey"],
        resources: ["*"],
        conditions: {
          ArnLike: {
            "kms:EncryptionContext:aws:logs:arn": `arn:${partition}:logs:${region}:${account}:log-group:*`,
          },
        },
      }),
    );
    this.key.addToResourcePolicy(
      new PolicyStatement({
        sid: "Alarms",
        principals: [new ServicePrincipal("cloudwatch.amazonaws.com")],
        actions: ["kms:Decrypt", "kms:GenerateDataKey*"],
        resources: ["*"],
        conditions: { StringEquals: { "aws:SourceAccount": account } },
      }),
    );
  }

  /** What a function needs of the key to use the tables, and through DynamoDB alone. */
  tablesPolicy(): PolicyDocument {
    return policyDocument({
      Sid: "TablesAreEncrypted",
      Effect: "Allow",
      Action: BY_DYNAMODB,
      Resource: [this.key.keyArn],
      Condition: {
        StringEquals: { "kms:ViaService": `dynamodb.${Stack.of(this).region}.amazonaws.com` },
      },
    });
  }
}
