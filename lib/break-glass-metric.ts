import { FilterPattern, type ILogGroup, MetricFilter } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { GLASS_BROKEN } from "../core/break-glass.ts";
import { BREAK_GLASS_METRIC, METRIC_NAMESPACE } from "../core/metrics.ts";

export interface BreakGlassMetricProps {
  /** Of the function that breaks the glass. */
  logGroup: ILogGroup;
}

/** How often the glass is broken, as the metric `BreakGlass` of the namespace `Sallyport`. */
export class BreakGlassMetric extends Construct {
  constructor(scope: Construct, id: string, props: BreakGlassMetricProps) {
    super(scope, id);
    new MetricFilter(this, "Filter", {
      logGroup: props.logGroup,
      filterPattern: FilterPattern.stringValue("$.message", "=", GLASS_BROKEN),
      metricNamespace: METRIC_NAMESPACE,
      metricName: BREAK_GLASS_METRIC,
      metricValue: "1",
      defaultValue: 0,
    });
  }
}
