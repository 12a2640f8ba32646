import { type AnyCard, cardDigest } from "../core/card.ts";

/**
 * The digest of the very card that is shown, recomputed here; undefined where there is no card any more.
 * `matches` says whether the gateway names the same: an approval is of what was read, or of nothing.
 */
export function cardCheck(request: {
  card?: AnyCard | undefined;
  digest?: string | undefined;
}): { digest: string; matches: boolean } | undefined {
  if (request.card === undefined) return undefined;
  const digest = cardDigest(request.card);
  return { digest, matches: digest === request.digest };
}
