/** One page of a list, and the token of the next where there is one. */
export interface Page<T> {
  items: T[];
  nextToken?: string;
}

/**
 * A page of items sorted by key. The token holds the last key given, not a position: an item that
 * comes or goes between two pages moves no other. Undefined where the token is not one of ours.
 */
export function pageOf<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  maxResults: number,
  nextToken: string | undefined,
): Page<T> | undefined {
  let after = "";
  if (nextToken !== undefined) {
    after = Buffer.from(nextToken, "base64url").toString("utf8");
    if (after === "" || Buffer.from(after, "utf8").toString("base64url") !== nextToken) {
      return undefined;
    }
  }
  const sorted = items
    .filter((item) => keyOf(item) > after)
    .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const page = sorted.slice(0, maxResults);
  const last = page.at(-1);
  return sorted.length > page.length && last !== undefined
    ? { items: page, nextToken: Buffer.from(keyOf(last), "utf8").toString("base64url") }
    : { items: page };
}
