import { cardRule, ruleOnRecord } from "./alternatives.ts";
import { type Caller, judgedBy } from "./caller.ts";
import { cardDigest, type ExtensionCard } from "./card.ts";
import { type EpochMillis, isoTime } from "./clock.ts";
import { rulesNow } from "./decide.ts";
import { erased } from "./erased.ts";
import { SallyportError } from "./errors.ts";
import type { Judging } from "./event-kinds.ts";
import type { Repeatable } from "./kinds/asked.ts";
import type { Configuration, PolicyEngine } from "./policy-engine.ts";
import { type RequestState, statusAt } from "./request-state.ts";
import { requireRoom } from "./transitions.ts";

export interface ExtensionWish {
  minutes: number;
  reason: string;
  /** SHA-256 of the canonical body. */
  bodyHash: string;
  repeat: Repeatable | undefined;
}

/**
 * Asks for more time, for the one who has the grant and while it lasts. The rules are those that would allow
 * the whole of it now, from the beginning of the grant to its new end. One that was asked for before and
 * waits is superseded. Where a rule approves by itself, the extension is granted by being asked for.
 *
 * Throws `not_permitted`, `request_closed`, `refused_by_rule` or `chain_full`: nothing is to be appended then.
 */
export function extend(
  policy: PolicyEngine,
  configuration: Configuration,
  state: RequestState,
  caller: Caller,
  wish: ExtensionWish,
  now: EpochMillis,
): Judging & { kind: "extension.asked" } {
  if (state.kind !== "exec" || caller.id !== state.requester.person) {
    throw new SallyportError("not_permitted", "only whoever has a grant asks for more of it", {
      hint: "`sallyport ls --requester me` lists yours",
    });
  }
  if (state.breakGlass !== undefined) {
    throw new SallyportError(
      "not_permitted",
      "what was broken open for an emergency has no more time",
      {
        hint: "ask for a session of its own with `sallyport exec`; where that cannot wait, `sallyport break-glass` once more",
      },
    );
  }
  const { grant, card } = state;
  // The event is given the later of the two, and must lie within the grant.
  const status = statusAt(state, Math.max(now, state.tail.at));
  if (status !== "approved" || grant === undefined) {
    throw new SallyportError(
      "request_closed",
      `the request is ${status}: it has no time to extend`,
      {
        hint: status === "pending" ? "it waits for decisions" : "ask again with `sallyport exec`",
        members: { requestStatus: status },
      },
    );
  }
  if (card?.kind !== "exec" || state.digest === undefined) {
    throw erased();
  }
  requireRoom(state);
  const until = grant.expiresAt + wish.minutes * 60_000;
  const totalMinutes = Math.ceil((until - grant.startsAt) / 60_000);
  // Who calls is the requester: in the groups they are in now, wherever it is that says so.
  const as = { ...state, requesterGroups: caller.groups };
  const allowed = rulesNow(policy, configuration, as, totalMinutes);
  if (allowed.kind === "none") {
    const { error, longestMinutes } = allowed;
    throw longestMinutes === undefined
      ? error
      : tooMuch(totalMinutes, longestMinutes - (totalMinutes - wish.minutes));
  }
  const { rules } = allowed;
  const { requester, command, argv, opensShell, runsAs, target, ticket } = card;
  const extended: ExtensionCard = {
    v: 1,
    kind: "extend",
    requester,
    command,
    argv,
    opensShell,
    runsAs,
    target,
    approved: state.digest,
    minutes: wish.minutes,
    from: isoTime(grant.expiresAt),
    until: isoTime(until),
    totalMinutes,
    reason: wish.reason,
    ticket,
    rules: rules.map(cardRule),
  };
  const automatic = rules.filter(({ needs }) => needs.length === 0).map(({ id }) => id);
  const [rule] = automatic;
  return {
    kind: "extension.asked",
    data: {
      number: state.extensions.length + 1,
      person: caller.id,
      minutes: wish.minutes,
      from: grant.expiresAt,
      until,
      rules: rules.map(ruleOnRecord),
      automatic,
      grant: rule === undefined ? null : { rule, expiresAt: until },
      judged: judgedBy(caller, now),
      ...(wish.repeat === undefined ? {} : { repeat: wish.repeat }),
    },
    values: {
      reason: wish.reason,
      card: extended,
      digest: cardDigest(extended),
      body: wish.bodyHash,
    },
  };
}

/** `left`: so many minutes more the rules allow, with all that is granted already. */
function tooMuch(totalMinutes: number, left: number): SallyportError {
  return new SallyportError(
    "refused_by_rule",
    `no rule allows this for ${totalMinutes} minutes in all`,
    {
      hint:
        left > 0
          ? `ask for ${left} minutes or less`
          : "all the time that the rules allow is granted; ask again with `sallyport exec`",
    },
  );
}
