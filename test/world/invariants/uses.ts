import { answers, type Evidence, executions, requestsIn } from "../evidence.ts";

/** I3: at most one ExecuteCommand for an intent, and none repeated after an outcome nobody knows. */
export function onceOnTheWire(evidence: Evidence): string[] {
  const counts = new Map<string, number>();
  for (const { call } of executions(evidence)) {
    const name = call.roleSessionName ?? "";
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].flatMap(([name, n]) => (n > 1 ? [`${n} ExecuteCommands of ${name}`] : []));
}

/** Sessions a grant is for. */
const LIMIT = 1;

/**
 * I4: uses of a grant within its limit at every point of its chain, no more sessions handed over than that; a use
 * is given back only where nothing was started, or where what was started is over; one session in a container.
 */
export function usesWithinLimit(evidence: Evidence): string[] {
  const problems: string[] = [];
  for (const chain of requestsIn(evidence)) {
    let taken = 0;
    for (const event of chain.events) {
      const { kind, seq } = event;
      // One that follows another has its use: that one was over.
      if (event.kind === "exec.intent") taken += event.data.replaces === undefined ? 1 : 0;
      if (kind === "exec.failed" || kind === "exec.settled") taken -= 1;
      if (event.kind === "session.ended" && event.data.cause === "replaced") taken -= 1;
      if (taken > LIMIT) problems.push(`${chain.id} #${seq}: ${taken} uses of one`);
    }
    const handed = evidence.sessions.filter(
      ({ roleSessionName, tokenValue }) =>
        roleSessionName.startsWith(`req-${chain.id}.`) &&
        answers(evidence).some(({ text }) => text.includes(tokenValue)),
    );
    const replaced = chain.of("replace.asked").length;
    if (replaced > LIMIT) problems.push(`${chain.id}: replaced ${replaced} times`);
    if (handed.length > LIMIT + replaced)
      problems.push(`${chain.id}: ${handed.length} sessions handed over`);
    for (const event of chain.of("exec.failed", "exec.settled")) {
      const session = evidence.sessions.find(
        (one) => one.roleSessionName === `req-${chain.id}.${event.data.attempt}`,
      );
      if (session === undefined) continue;
      if (event.kind === "exec.failed") {
        problems.push(`${chain.id}: attempt ${event.data.attempt} failed, and started a session`);
      } else if (session.endsAt === undefined) {
        problems.push(`${chain.id}: attempt ${event.data.attempt} is settled, and runs`);
      }
    }
  }
  return [...problems, ...crowded(evidence)];
}

function crowded({ sessions }: Evidence): string[] {
  return sessions.flatMap((one, i) =>
    sessions.slice(i + 1).flatMap((other) => {
      const together = one.taskArn === other.taskArn && one.container === other.container;
      return together && (one.endsAt ?? Number.POSITIVE_INFINITY) > other.startedAt
        ? [`${one.sessionId} and ${other.sessionId} were in one container at once`]
        : [];
    }),
  );
}

/** I17: one Idempotency-Key with one body has one effect, and is answered the same. */
export function onePerKey(evidence: Evidence): string[] {
  const problems: string[] = [];
  const stood = new Map<string, string>();
  for (const chain of requestsIn(evidence)) {
    for (const event of chain.events) {
      const { repeat } = event.data as { repeat?: { keyHash: string } };
      if (repeat === undefined) continue;
      const place = `${chain.id} #${event.seq}`;
      const before = stood.get(repeat.keyHash);
      if (before !== undefined) problems.push(`one key did both ${before} and ${place}`);
      stood.set(repeat.keyHash, place);
    }
  }
  const told = new Map<string, string>();
  for (const { who, path, key, sent, status, text } of answers(evidence)) {
    if (key === undefined || status >= 300) continue;
    const same = JSON.stringify([who, path, key, sent]);
    const id = String(JSON.parse(text).id);
    if ((told.get(same) ?? id) !== id) problems.push(`the key ${key} was answered two requests`);
    told.set(same, id);
  }
  return problems;
}
