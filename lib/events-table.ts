import { RemovalPolicy } from "aws-cdk-lib";
import {
  AttributeType,
  StreamViewType,
  type TableEncryptionV2,
  TableV2,
} from "aws-cdk-lib/aws-dynamodb";
import { PolicyDocument } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import { eventsTablePolicy } from "../core/events-table-policy.ts";

export interface EventsTableProps {
  /** ARNs of the roles of the functions that append. Nobody else may put an item. */
  writerRoleArns: string[];
  /**
   * ARNs of the roles that deploy it: with them, nobody else changes it, but for those that may restore it.
   *
   * @default whoever has the right in the account
   */
  deployRoleArns?: string[];
  recoveryRoleArns?: string[];
  /**
   * The name of a table that was restored from a backup and imported into the stack.
   *
   * @default a new table, which CloudFormation names
   */
  restoredTable?: string | undefined;
  /**
   * @default a key that DynamoDB owns
   */
  encryption?: TableEncryptionV2 | undefined;
}

/**
 * The record: append-only chains of events, the only truth. Stateful, and kept when the stack goes.
 *
 * Its own policy denies every write but a put to everybody, puts to all but its writers, and where the roles that
 * deploy are known, changes of the table to all but those. It has no time to live. It can be restored to any second of the last 35 days. Its stream carries keys alone: who reads it goes back
 * to the chain.
 */
export class EventsTable extends Construct {
  readonly table: TableV2;

  constructor(scope: Construct, id: string, props: EventsTableProps) {
    super(scope, id);
    // Another id for another table: the one before stays where it is, with all that is in it.
    const { restoredTable } = props;
    this.table = new TableV2(this, restoredTable === undefined ? "Table" : `Of-${restoredTable}`, {
      ...(restoredTable === undefined ? {} : { tableName: restoredTable }),
      ...(props.encryption === undefined ? {} : { encryption: props.encryption }),
      partitionKey: { name: "pk", type: AttributeType.STRING },
      sortKey: { name: "sk", type: AttributeType.STRING },
      dynamoStream: StreamViewType.KEYS_ONLY,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
      resourcePolicy: PolicyDocument.fromJson(
        eventsTablePolicy(props.writerRoleArns, {
          deployRoleArns: props.deployRoleArns ?? [],
          recoveryRoleArns: props.recoveryRoleArns ?? [],
        }),
      ),
    });
  }
}
