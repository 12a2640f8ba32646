/** A page of a list, with where to go on. */
interface Page {
  cursor?: string | undefined;
}

/** Reads a list page by page, at most so many; `more` where there are further ones. */
export async function readPages<P extends Page>(
  most: number,
  read: (cursor: string | undefined) => Promise<P>,
): Promise<{ pages: P[]; more: boolean }> {
  const pages: P[] = [];
  let cursor: string | undefined;
  do {
    const page = await read(cursor);
    pages.push(page);
    ({ cursor } = page);
  } while (cursor !== undefined && pages.length < most);
  return { pages, more: cursor !== undefined };
}
