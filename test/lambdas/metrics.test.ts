import { describe, expect, it } from "vitest";
import { countedBy, metricNames } from "../../core/metrics.ts";
import { embeddedMetrics } from "../../lambdas/metrics.ts";

describe("a count for an alarm", () => {
  it.each(metricNames)("of %s is one line that CloudWatch makes a metric of", (name) => {
    const lines: string[] = [];
    embeddedMetrics(
      () => 1_700_000_000_000,
      (line) => lines.push(line),
    ).count(name);
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      {
        _aws: {
          Timestamp: 1_700_000_000_000,
          CloudWatchMetrics: [
            {
              Namespace: "Sallyport",
              Dimensions: [["function"]],
              Metrics: [{ Name: name, Unit: "Count" }],
            },
          ],
        },
        function: countedBy[name],
        [name]: 1,
      },
    ]);
    expect(lines[0]).not.toContain("\n");
  });
});
