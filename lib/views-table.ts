import { RemovalPolicy } from "aws-cdk-lib";
import {
  AttributeType,
  ProjectionType,
  type TableEncryptionV2,
  TableV2,
} from "aws-cdk-lib/aws-dynamodb";
import { Construct } from "constructs";

/** The lists there are, and the attribute each of them is of. All sort by `sort`: time, then id. */
const lists = {
  byRequester: "requester",
  byStatus: "status",
  byService: "service",
  byDay: "day",
};

export interface ViewsTableProps {
  /**
   * @default a key that DynamoDB owns
   */
  encryption?: TableEncryptionV2 | undefined;
}

/** Where requests are found again. Made from the record and made anew when lost, so it goes with the stack. */
export class ViewsTable extends Construct {
  readonly table: TableV2;

  constructor(scope: Construct, id: string, props: ViewsTableProps = {}) {
    super(scope, id);
    this.table = new TableV2(this, "Table", {
      ...(props.encryption === undefined ? {} : { encryption: props.encryption }),
      partitionKey: { name: "pk", type: AttributeType.STRING },
      sortKey: { name: "sk", type: AttributeType.STRING },
      removalPolicy: RemovalPolicy.DESTROY,
      globalSecondaryIndexes: Object.entries(lists).map(([indexName, name]) => ({
        indexName,
        partitionKey: { name, type: AttributeType.STRING },
        sortKey: { name: "sort", type: AttributeType.STRING },
        projectionType: ProjectionType.ALL,
      })),
    });
  }
}
