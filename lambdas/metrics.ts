import { countedBy, METRIC_NAMESPACE, type Metrics } from "../core/metrics.ts";

/**
 * Counts by lines in CloudWatch's Embedded Metric Format: CloudWatch Logs makes the metric of them, so that
 * counting takes no call that could fail. One line for each count, with the one dimension that its alarm looks at.
 */
export function embeddedMetrics(
  now: () => number,
  write: (line: string) => void = (line) => void process.stdout.write(`${line}\n`),
): Metrics {
  return {
    count: (name) =>
      write(
        JSON.stringify({
          _aws: {
            Timestamp: now(),
            CloudWatchMetrics: [
              {
                Namespace: METRIC_NAMESPACE,
                Dimensions: [["function"]],
                Metrics: [{ Name: name, Unit: "Count" }],
              },
            ],
          },
          function: countedBy[name],
          [name]: 1,
        }),
      ),
  };
}
