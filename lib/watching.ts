import { Duration } from "aws-cdk-lib";
import type { TableV2 } from "aws-cdk-lib/aws-dynamodb";
import { type EventBus, Rule, RuleTargetInput, Schedule } from "aws-cdk-lib/aws-events";
import { LambdaFunction } from "aws-cdk-lib/aws-events-targets";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { SqsDestination } from "aws-cdk-lib/aws-lambda-destinations";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import type { WatcherTask } from "../core/watch/watcher-task.ts";
import { acknowledge } from "./acknowledge.ts";
import { deadLetterQueue } from "./dead-letters.ts";
import { comparedCalls, OF_CLOUDTRAIL } from "./forwarding.ts";
import type { GatewayFunction } from "./gateway-function.ts";

export interface WatchingProps {
  /** That every account's calls come to. */
  bus: EventBus;
  tables: { events: TableV2; views: TableV2; state: TableV2 };
  watcher: GatewayFunction;
  /** A key of the account's own, for the queue. */
  ownKey?: IKey | undefined;
}

/** What is done to a table itself, and not to its items: by whoever deploys, and nobody else. */
const CHANGES = [
  "DeleteResourcePolicy",
  "DeleteTable",
  "PutResourcePolicy",
  "UpdateContinuousBackups",
  "UpdateTable",
  "UpdateTimeToLive",
];
/** How another table comes to hold what one of ours held. */
const COPIES = ["RestoreTableFromBackup", "RestoreTableToPointInTime"];

/** So long a schedule's call may be tried again: the next one does the same. */
const ONE_ROUND = Duration.minutes(5);

/**
 * What wakes the watcher: each call that CloudTrail tells of, each change of a table, and schedules, for what should have been seen and was not. What it could not compare after its
 * tries is kept in a queue.
 */
export class Watching extends Construct {
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, props: WatchingProps) {
    super(scope, id);
    const { bus, tables, watcher, ownKey } = props;
    this.deadLetters = deadLetterQueue(this, ownKey);
    watcher.function.configureAsyncInvoke({
      maxEventAge: Duration.hours(6),
      retryAttempts: 2,
      onFailure: new SqsDestination(this.deadLetters),
    });
    const target = (input?: RuleTargetInput): LambdaFunction =>
      new LambdaFunction(watcher.function, {
        deadLetterQueue: this.deadLetters,
        ...(input === undefined ? {} : { event: input, maxEventAge: ONE_ROUND }),
      });
    for (const [name, eventPattern] of Object.entries(comparedCalls)) {
      new Rule(this, name, { eventBus: bus, eventPattern, targets: [target()] });
    }
    const all = Object.values(tables);
    const names = all.map(({ tableName }) => tableName);
    const arns = all.map(({ tableArn }) => tableArn);
    // AWS takes a table's name or its ARN, and tells what it was given.
    const ofTables = (id: string, eventName: string[], $or: object[]): void => {
      new Rule(this, id, {
        description: "What is done to the tables that Sallyport keeps its record in",
        eventPattern: {
          source: ["aws.dynamodb"],
          detailType: OF_CLOUDTRAIL,
          detail: {
            eventName,
            $or: $or.map((requestParameters) => ({ requestParameters })),
          },
        },
        targets: [target()],
      });
    };
    ofTables("Tables", CHANGES, [{ tableName: [...names, ...arns] }, { resourceArn: arns }]);
    ofTables("Copies", COPIES, [
      { sourceTableName: [...names, ...arns] },
      { sourceTableArn: arns },
      { backupArn: arns.map((arn) => ({ prefix: `${arn}/` })) },
    ]);
    const each = (name: string, every: Duration, task: WatcherTask["task"]): void => {
      new Rule(this, name, {
        schedule: Schedule.rate(every),
        targets: [target(RuleTargetInput.fromObject({ task } satisfies WatcherTask))],
      });
    };
    each("Compare", Duration.minutes(5), "compare");
    each("Sessions", Duration.hours(1), "sessions");
    each("Again", Duration.days(1), "again");
    if (ownKey !== undefined) {
      acknowledge(watcher.role, {
        "AwsSolutions-IAM5[Action::kms:ReEncrypt*]":
          "The CDK's grant to whoever sends to an encrypted queue; on the account's own key alone.",
      });
    }
    acknowledge(this.deadLetters, {
      "AwsSolutions-SQS3": "It is the dead-letter queue, of rules and of a function.",
    });
  }
}
