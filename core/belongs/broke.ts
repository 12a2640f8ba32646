import { utcDay } from "../clock.ts";
import { type RequestState, statusAt } from "../request-state.ts";
import { wishMisfit } from "./asked.ts";
import { first, isBy, type Of } from "./checks.ts";

const LATEST_REVIEW_MS = 7 * 86_400_000;

export function brokenMisfit(event: Of<"glass.broken">): string | undefined {
  const { actor, at, data, values } = event;
  const rule = data.rules.find(({ id }) => id === data.rule);
  return (
    wishMisfit(event) ??
    first([
      [actor.kind === "person", "no person broke the glass"],
      [rule?.needs.length === 0, "its rule is not among those it was judged by, or needs somebody"],
      [
        data.expiresAt > at && data.expiresAt <= at + data.durationMinutes * 60_000,
        "the grant is longer than what was asked for",
      ],
      rule !== undefined && [
        data.durationMinutes * 60 <= rule.maxDurationSeconds,
        "the grant is longer than its rule allows",
      ],
      [
        data.reviewDueAt > at && data.reviewDueAt <= at + LATEST_REVIEW_MS,
        "no review is owed within a week",
      ],
      [
        data.day === utcDay(at) && data.count >= 1 && data.count <= data.limit,
        "it is one more than may be",
      ],
      values.card?.kind === "exec" && [
        values.card.breakGlass === true,
        "the card does not say that the glass was broken",
      ],
    ])
  );
}

export function reviewedMisfit(
  state: RequestState,
  { actor, at, data }: Of<"glass.reviewed">,
): string | undefined {
  return first([
    [isBy(actor, data.person) && actor.kind === "person", "the one named is not who called"],
    [data.person !== state.requester.person, "nobody reviews what they did themselves"],
    [statusAt(state, at) !== "approved", "it was not over, and is reviewed afterwards"],
  ]);
}
