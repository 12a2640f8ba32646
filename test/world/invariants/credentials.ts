import { tokenSearch } from "../../kit/token-search.ts";
import {
  answers,
  type Chain,
  type Evidence,
  executions,
  requestsIn,
  stops,
  wireCalls,
} from "../evidence.ts";
import type { MemorySession } from "../memory-aws.ts";

/** Whose token an answer holds, in whatever spelling. */
function handedOver(evidence: Evidence) {
  return answers(evidence).flatMap((answer) =>
    evidence.sessions
      .filter(({ tokenValue }) => answer.text.includes(tokenValue))
      .map((session) => ({ answer, session })),
  );
}

function requestOf(chains: Chain[], { roleSessionName }: MemorySession): Chain | undefined {
  return chains.find(({ id }) => roleSessionName.startsWith(`req-${id}.`));
}

/**
 * I1: no answer holds a token unless a permit decision and a live grant were durable, and its `session.opened`
 * too, as handed over, to the one who asked.
 */
export function tokenOnlyByGrant(evidence: Evidence): string[] {
  const chains = requestsIn(evidence);
  return handedOver(evidence).flatMap(({ answer, session }) => {
    const wrong = (what: string) => [`the token of ${session.sessionId} was answered ${what}`];
    const chain = requestOf(chains, session);
    const opened = chain
      ?.of("session.opened")
      .find(({ data }) => data.sessionId === session.sessionId);
    if (chain === undefined || opened === undefined || opened.place > answer.place) {
      return wrong("before its session.opened was durable");
    }
    if (!opened.data.delivered) return wrong("though it was recorded as withheld");
    if (answer.status >= 300) return wrong(`with status ${answer.status}`);
    const [asked] = chain.of("request.asked", "glass.broken");
    const who = answer.who === "dev2" ? "dev" : answer.who;
    if (asked?.data.requester.person !== who) return wrong(`to ${who}, who did not ask`);
    if (answer.path.includes("/requests/") && !answer.path.includes(chain.id)) {
      return wrong("to a call about another request");
    }
    const before = chain.events.filter(({ seq }) => seq < opened.seq);
    const grant = before.reduce<number | null>((until, event) => {
      if (event.kind === "request.asked" || event.kind === "glass.broken") {
        return event.data.expiresAt;
      }
      if (event.kind === "decision.approved") return event.data.grant?.expiresAt ?? until;
      return event.kind === "request.recarded" ? null : until;
    }, null);
    if (grant === null) return wrong("without a grant");
    if (opened.at >= grant) return wrong("after its grant was over");
    if (before.some(({ kind }) => (stops as readonly string[]).includes(kind))) {
      return wrong("after the request was stopped");
    }
    return [];
  });
}

/**
 * I2: a durable intent before each ExecuteCommand; and a session that nobody could record is not left: its end was
 * asked for by whoever had its id before it answered, and in the end it does not run.
 */
export function intentFirst(evidence: Evidence): string[] {
  const chains = requestsIn(evidence);
  const ended = wireCalls(evidence, "TerminateSession");
  const problems: string[] = [];
  for (const { place, call, id, attempt } of executions(evidence)) {
    const chain = chains.find((one) => one.id === id);
    const intent = chain?.of("exec.intent").find(({ data }) => data.attempt === attempt);
    if (intent === undefined || intent.place > place) {
      problems.push(`ExecuteCommand of ${call.roleSessionName} went out without a durable intent`);
    }
    const { sessionId } = call;
    if (sessionId === undefined) continue;
    const opened = chain?.of("session.opened").find(({ data }) => data.sessionId === sessionId);
    const answer = answers(evidence).find((one) => one.call === intent?.call);
    const kept = opened?.data.delivered === true && opened.place < (answer?.place ?? 0);
    const told = ended.some(
      (one) => one.sessionId === sessionId && one.place < (answer?.place ?? 0),
    );
    if (answer !== undefined && !kept && !told && !excused(evidence, place, answer.place)) {
      problems.push(`${sessionId} was not recorded as handed over, and its end was not asked for`);
    }
    if (evidence.settled && opened === undefined && evidence.running.includes(sessionId)) {
      problems.push(`${sessionId} runs, and no event names it`);
    }
  }
  return problems;
}

/** Where ECS's answer was lost nobody has the session's id; where SSM failed its end could not be asked for. */
function excused({ journal }: Evidence, from: number, to: number): boolean {
  return journal
    .slice(Math.max(0, from - 1), to)
    .some(
      (entry) =>
        entry.what === "fault" &&
        ["execRole.executeCommand", "sessionEnder.terminate"].includes(entry.op),
    );
}

/** I16: a token is nowhere but in the one answer that hands it over. */
export function tokenNowhereElse(evidence: Evidence): string[] {
  const problems: string[] = [];
  for (const { sessionId, tokenValue } of evidence.sessions) {
    const holders = answers(evidence).filter(({ text }) => text.includes(tokenValue));
    if (holders.length > 1) problems.push(`the token of ${sessionId} was answered twice`);
  }
  const held = tokenSearch(evidence.sessions.map(({ tokenValue }) => tokenValue));
  const places: [string, string][] = [
    ["the record", JSON.stringify(evidence.events)],
    ["a log or a list", evidence.elsewhere.join("\n")],
    [
      "an error",
      answers(evidence)
        .flatMap(({ status, text }) => (status < 300 ? [] : [text]))
        .join("\n"),
    ],
  ];
  for (const [name, text] of places) if (held(text)) problems.push(`a token stands in ${name}`);
  return problems;
}
