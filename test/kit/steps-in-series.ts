/** A call, from when it was made until when it was answered. */
export interface Span {
  name: string;
  from: number;
  until: number;
}

/** What of AWS an open may call: made slow alike, so that what waits for what can be told. */
export const operationsOfAnOpen = [
  "AssumeRole",
  "DescribeClusters",
  "DescribeServices",
  "DescribeTaskDefinition",
  "DescribeTasks",
  "ExecuteCommand",
  "ListTasks",
];

/**
 * The longest run of calls of which each was made once the one before was answered: what one waits for
 * if every call takes equally long. Exact as long as calls that depend on each other do not overlap.
 */
export function inSeries(spans: readonly Span[]): string[] {
  const chain: Span[] = [];
  for (const span of spans.toSorted((a, b) => a.until - b.until)) {
    const last = chain.at(-1);
    if (last === undefined || span.from >= last.until) chain.push(span);
  }
  return chain.map((span) => span.name);
}
