import { type Evidence, executions, requestsIn, stops } from "../evidence.ts";

/** I7: nothing is executed at or after the end of its grant, nor once its intent has run out. */
export function notAfterExpiry(evidence: Evidence): string[] {
  const chains = requestsIn(evidence);
  // Of one that was on its way for longer than anybody waited, AWS judges by the session policy.
  const delayed = evidence.journal.some(
    (entry) =>
      entry.what === "fault" && entry.mode === "hang" && entry.op === "execRole.executeCommand",
  );
  const late = executions(evidence).flatMap(({ at, call, id, attempt }) => {
    if (delayed && call.sessionId === undefined) return [];
    const intent = chains
      .find((one) => one.id === id)
      ?.of("exec.intent")
      .find(({ data }) => data.attempt === attempt);
    if (intent === undefined) return [];
    return at >= intent.data.expiresAt || at >= intent.data.notAfter
      ? [`${call.roleSessionName} reached ECS after its time`]
      : [];
  });
  const outlived = chains.flatMap((chain) =>
    chain.of("session.opened").flatMap(({ data }) => {
      const intent = chain.of("exec.intent").find((one) => one.data.attempt === data.attempt);
      const until = Math.max(
        intent?.data.expiresAt ?? 0,
        ...chain
          .of("extension.asked", "extension.approved")
          .map((event) => event.data.grant?.expiresAt ?? 0),
      );
      const over = intent !== undefined && evidence.now >= until;
      return evidence.settled && over && evidence.running.includes(data.sessionId)
        ? [`${data.sessionId} outlives its grant`]
        : [];
    }),
  );
  return [...late, ...outlived];
}

/** I8: after a stop no intent becomes durable and nothing more is executed; what was open is ended. */
export function nothingAfterStop(evidence: Evidence): string[] {
  const all = executions(evidence);
  return requestsIn(evidence).flatMap((chain) => {
    const [stop] = chain.of(...stops);
    if (stop === undefined) return [];
    const problems: string[] = [];
    for (const { seq, place, data } of chain.of("exec.intent")) {
      if (seq > stop.seq || place > stop.place) {
        problems.push(`${chain.id} #${seq}: attempt ${data.attempt} was intended after the stop`);
      }
    }
    for (const { place, call, id, attempt } of all) {
      const intent = chain.of("exec.intent").find(({ data }) => data.attempt === attempt);
      if (id === chain.id && place > stop.place && (intent?.place ?? place) > stop.place) {
        problems.push(`${call.roleSessionName} was executed after the stop`);
      }
    }
    for (const { data } of chain.of("session.opened")) {
      if (evidence.settled && evidence.running.includes(data.sessionId)) {
        problems.push(`${data.sessionId} runs on after the stop`);
      }
    }
    return problems;
  });
}
