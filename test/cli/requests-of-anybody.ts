import fc from "fast-check";
import type { RequestView } from "../../api/response-schemas.ts";
import { anyText, card, execCards } from "./cards.ts";

/** A request as the gateway answers it, with what matters to a test. */
export function request(
  own: {
    [Name in keyof RequestView]?: RequestView[Name] | undefined;
  },
): RequestView {
  return {
    seq: 1,
    kind: "exec",
    status: "pending",
    requester: { person: "dev", name: "Dana" },
    target: card.target,
    reason: card.reason,
    ticket: null,
    rules: [],
    decisions: [],
    sessions: [],
    liveSessions: 0,
    preflight: [],
    askedAt: "2026-01-01T00:00:00.000Z",
    id: "1tz5k7texx4pdk9kp3vg8atqnw",
    ...own,
  } as RequestView;
}

/** JSON does not carry a lone surrogate back to us: the strict reader refuses it. */
const text = anyText.map((some) => some.toWellFormed().replaceAll("\0", "\u0001"));

/** A request in which others have written whatever they liked, wherever it is text. */
export const requestsOfAnybody: fc.Arbitrary<RequestView> = fc
  .record({
    card: execCards
      .map((any) => JSON.parse(wellFormed(JSON.stringify(any))) as typeof any)
      // No text of anybody's: the command line knows what it asked for.
      .map((any) => ({ ...any, start: card.start })),
    texts: fc.array(text, { minLength: 12, maxLength: 12 }),
    status: fc.constantFrom("pending" as const, "approved" as const, "denied" as const),
  })
  .map(({ card: any, texts, status }) => {
    let at = 0;
    const next = (): string => texts[at++ % texts.length] ?? "";
    return request({
      id: next(),
      status,
      requester: { person: next(), name: next() },
      card: any,
      target: any.target,
      digest: next(),
      rules: [
        {
          id: next(),
          textHash: "",
          needs: [],
          lacks: [{ group: next(), count: 1, persons: [next(), next()] }],
          automatic: false,
        },
      ],
      decisions: [
        { person: next(), decision: "approve", at: next(), comment: next(), counts: false },
      ],
      grant: { rule: next(), expiresAt: next() },
      sessions: [
        {
          attempt: 1,
          state: "opened",
          sessionId: next(),
          taskArn: next(),
          container: next(),
          at: next(),
        },
      ],
      preflight: [{ check: next(), status: next(), remedy: next() }],
      breakGlass: true,
      review: {
        state: "done",
        dueAt: next(),
        verdict: "justified",
        by: next(),
        at: next(),
        comment: next(),
      },
      outcome: { code: next(), detail: next(), by: next(), at: next() },
      note: next(),
      lapsesAt: next(),
    });
  });

function wellFormed(json: string): string {
  return json.replaceAll(/\\ud[89a-f][0-9a-f]{2}/gi, "?").replaceAll("\\u0000", "?");
}
