import type { RequestView } from "../api/response-schemas.ts";
import { canonicalJson } from "../core/canonical-json.ts";
import type { ExecCard } from "../core/card.ts";
import { startText } from "../core/start-at.ts";
import { cardCheck } from "./card-check.ts";
import { Failure } from "./failure.ts";
import { isNamedBy } from "./target.ts";
import type { Wish } from "./wish.ts";

type Asked = Pick<RequestView, "id" | "card" | "digest">;

/**
 * Refuses a request whose card is not what was asked for here: approvers are shown the card, and agree to
 * nothing else. Throws Failure with exit status 1.
 */
export function requireAsAsked(
  request: Asked,
  { target, command, startAt }: Pick<Wish, "target" | "command" | "startAt">,
): void {
  const { card } = request;
  if (card === undefined) throw untrue(request, "the gateway shows no card of what was asked for");
  if (card.kind !== "exec") throw another(request, "kind of request");
  if (card.command !== command) throw another(request, "command");
  if (!isNamedBy(target, card.target)) throw another(request, "target");
  if (card.start !== startOf(startAt)) throw another(request, "start");
  requireItsDigest(request);
}

/** The start of a wish in the words of its card. */
export function startOf(startAt: string | undefined): ExecCard["start"] {
  return startText(startAt === undefined ? undefined : Date.parse(startAt));
}

/**
 * The card of a request that was approved, to be opened: the same one in what it runs and where as when it
 * was first seen, under the digest that approvals name. Rules on it may have changed meanwhile. Throws
 * Failure with exit status 1.
 */
export function approvedCard(first: Asked, approved: Asked): ExecCard {
  const { card } = approved;
  if (approved.id !== first.id) {
    throw untrue(first, `the gateway answered request ${approved.id} for another`);
  }
  if (card === undefined || card.kind !== "exec") {
    throw new Failure(`request ${first.id} has no card of a session: there is nothing to open`);
  }
  requireItsDigest(approved);
  const before = first.card;
  if (before !== undefined) {
    if (before.kind !== "exec" || before.command !== card.command) {
      throw another(first, "command");
    }
    if (canonicalJson({ ...before.target }) !== canonicalJson({ ...card.target })) {
      throw another(first, "target");
    }
  }
  return card;
}

function requireItsDigest(request: Asked): void {
  if (cardCheck(request)?.matches !== false) return;
  throw untrue(request, "the gateway names a digest that is not this card's");
}

function another({ id }: Asked, what: string): Failure {
  return untrue({ id }, `the gateway put another ${what} on the card than was asked for`);
}

function untrue({ id }: Pick<Asked, "id">, what: string): Failure {
  return new Failure(what, {
    hint: `nothing was opened; do not go on with ${id}, and tell whoever operates the gateway`,
  });
}
