/** What is counted for alarms: a fixed list, so that nothing of a request gets into a metric. */
export const metricNames = ["EndUnverified", "SweepRounds", "SweepUndone"] as const;

export type MetricName = (typeof metricNames)[number];

/** Counted by CloudWatch from the lines that say so, and by no function. */
export const BREAK_GLASS_METRIC = "BreakGlass";

/** Where alarms look. */
export const METRIC_NAMESPACE = "Sallyport";

/** Counts what somebody has to look at. Never throws. */
export interface Metrics {
  /**
   * `EndUnverified`: a session that has to end was tried to be ended, and is not known to be over. `SweepRounds`:
   * the sweeper has been through all that is due by now. `SweepUndone`: something in a round failed, and comes again.
   */
  count(name: MetricName): void;
}
