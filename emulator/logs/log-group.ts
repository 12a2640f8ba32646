/** One line of a log group. */
export interface LogEvent {
  /** Epoch milliseconds. */
  timestamp: number;
  message: string;
}

/** A log group of CloudWatch Logs: whoever writes it keeps it. */
export interface LogGroup {
  /** Every line from one instant to another, both included, the oldest first. */
  between(from: number, to: number): readonly LogEvent[];
}

/** By name. */
export type LogGroups = ReadonlyMap<string, LogGroup>;
