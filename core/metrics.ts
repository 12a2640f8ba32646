/** What is counted for alarms: a fixed list, so that nothing of a request gets into a metric. */
export const metricNames = [
  "EndUnverified",
  "SweepRounds",
  "SweepUndone",
  "WatchRounds",
  "WatchDifference",
  "DecisionUnwitnessed",
  "RecordTouched",
  "ItemTouched",
  "LastResortUsed",
] as const;

export type MetricName = (typeof metricNames)[number];

/** Which function counts it: its one dimension. */
export const countedBy: { [name in MetricName]: "sweeper" | "watcher" } = {
  EndUnverified: "sweeper",
  SweepRounds: "sweeper",
  SweepUndone: "sweeper",
  WatchRounds: "watcher",
  WatchDifference: "watcher",
  DecisionUnwitnessed: "watcher",
  RecordTouched: "watcher",
  ItemTouched: "sweeper",
  LastResortUsed: "watcher",
};

/** Counted by CloudWatch from the lines that say so, and by no function. */
export const BREAK_GLASS_METRIC = "BreakGlass";

/** Where alarms look. */
export const METRIC_NAMESPACE = "Sallyport";

/** Counts what somebody has to look at. Never throws. */
export interface Metrics {
  /**
   * `EndUnverified`: a session that has to end was tried to be ended, and is not known to be over. `SweepRounds`:
   * the sweeper has been through all that is due by now. `SweepUndone`: something in a round failed, and comes again.
   *
   * `WatchRounds`: the watcher has compared all that could be compared by now. `WatchDifference`: AWS saw what is not
   * on record, or the other way round. `DecisionUnwitnessed`: the front door's log knows nothing of a decision.
   * `RecordTouched`: a table of the record was changed, or an event is not there or cannot be read. `ItemTouched`: the
   * stream told of an item of the record that was changed or removed. `LastResortUsed`: the role outside the gateway
   * was used.
   */
  count(name: MetricName): void;
}
