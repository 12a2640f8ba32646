import { RemovalPolicy } from "aws-cdk-lib";
import { AttributeType, type TableEncryptionV2, TableV2 } from "aws-cdk-lib/aws-dynamodb";
import { Construct } from "constructs";

export interface StateTableProps {
  /**
   * @default a key that DynamoDB owns
   */
  encryption?: TableEncryptionV2 | undefined;
}

/**
 * What changes, and may be lost. What losing each row means:
 *
 * - `MARK#sweeper`, the minute up to which all that was due is done: the last eight days, or all since there were
 *   rules, are looked at again.
 * - `MARK#watcher`, up to when the record was compared with what AWS saw: the last 26 hours are compared again.
 *   `MARK#watcher-conf` and `-lock`, up to which event rules and locks were: all are, and those whose lines have left
 *   the access log are told of once.
 * - `RATE#…`, what a person or a target has used of a minute: that minute begins anew.
 * - `REFUSED#…`, the refusals of a minute that are no events of their own: those that the sweeper has not put on
 *   record yet, of the last two minutes, are on no record.
 *
 * Without the table nothing is limited or counted, and so nothing is done.
 */
export class StateTable extends Construct {
  readonly table: TableV2;

  constructor(scope: Construct, id: string, props: StateTableProps = {}) {
    super(scope, id);
    this.table = new TableV2(this, "Table", {
      ...(props.encryption === undefined ? {} : { encryption: props.encryption }),
      partitionKey: { name: "pk", type: AttributeType.STRING },
      sortKey: { name: "sk", type: AttributeType.STRING },
      // Counters of a time that is over: no row that still says something expires.
      timeToLiveAttribute: "expires",
      removalPolicy: RemovalPolicy.DESTROY,
    });
  }
}
