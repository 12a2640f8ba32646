import { Duration } from "aws-cdk-lib";
import {
  Dashboard as CloudWatchDashboard,
  GraphWidget,
  type IMetric,
  SingleValueWidget,
} from "aws-cdk-lib/aws-cloudwatch";
import { Construct } from "constructs";
import type { GatewayFunction } from "./gateway-function.ts";
import type { Watched } from "./watched.ts";

const PERIOD = Duration.minutes(5);
const HALF = 12;

/** One page for whoever is on call: is it asked, does it answer, does what is over end, are the lists up to date. */
export class Dashboard extends Construct {
  constructor(scope: Construct, id: string, { functions, api, deadLetters }: Watched) {
    super(scope, id);
    const all = Object.entries(functions);
    const each = (of: (one: GatewayFunction["function"], label: string) => IMetric): IMetric[] =>
      all.map(([name, { function: lambda }]) => of(lambda, name));
    const graph = (title: string, left: IMetric[]): GraphWidget =>
      new GraphWidget({ title, left, width: HALF });
    const sum = { statistic: "Sum", period: PERIOD };
    new CloudWatchDashboard(this, "Page", {
      dashboardName: "sallyport",
      widgets: [
        [
          graph("Calls", [
            api.metricCount({ ...sum, label: "all" }),
            api.metricClientError({ ...sum, label: "refused (4xx)" }),
            api.metricServerError({ ...sum, label: "failed (5xx)" }),
          ]),
          graph("How long a call takes", [
            api.metricLatency({ statistic: "p50", period: PERIOD, label: "p50" }),
            api.metricLatency({ statistic: "p99", period: PERIOD, label: "p99" }),
          ]),
        ],
        [
          graph(
            "Functions that fail",
            each((lambda, label) => lambda.metricErrors({ ...sum, label })),
          ),
          graph(
            "How long a function runs, p99",
            each((lambda, label) =>
              lambda.metricDuration({ statistic: "p99", period: PERIOD, label }),
            ),
          ),
        ],
        [
          graph("How far the lists are behind the record", [
            functions.projector.function.metric("IteratorAge", {
              statistic: "Maximum",
              period: PERIOD,
            }),
          ]),
          new SingleValueWidget({
            title: "Given up by the lists",
            width: HALF,
            metrics: [deadLetters.metricApproximateNumberOfMessagesVisible()],
          }),
        ],
      ],
    });
  }
}
