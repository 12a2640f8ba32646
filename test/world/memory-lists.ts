import { isoTime, utcDay } from "../../core/clock.ts";
import type { Marks } from "../../core/marks.ts";
import type { ViewIndex, ViewRow, Views } from "../../core/views.ts";
import type { Tables } from "./tables.ts";

/** The lists in memory. They never lag behind what was put: what lags is whoever puts. */
export function memoryViews({ views }: Pick<Tables, "views">): Views {
  return {
    async put(row) {
      if ((views.get(row.id)?.seq ?? 0) < row.seq) views.set(row.id, row);
    },
    async putAnew(row) {
      views.set(row.id, row);
    },
    seqOf: async (id) => views.get(id)?.seq ?? 0,
    async page(index, range, cursor, limit) {
      const newest = cursor ?? `${isoTime(range.to)}#~`;
      const fitting = [...views.values()]
        .filter((row) => row.resource !== "" || index.by !== "resource")
        .filter((row) => isIn(index, row))
        .map(({ id, askedAt, readers, reviewOwed }) => ({
          id,
          sort: `${isoTime(askedAt)}#${id}`,
          readers,
          reviewOwed,
        }))
        .filter(({ sort }) => sort >= isoTime(range.from) && sort <= newest)
        .toSorted((a, b) => (a.sort > b.sort ? -1 : 1));
      return {
        rows: fitting.slice(0, limit).filter(({ sort }) => sort !== cursor),
        more: fitting.length > limit,
      };
    },
  };
}

function isIn(index: ViewIndex, row: ViewRow): boolean {
  switch (index.by) {
    case "requester":
      return row.requester === index.requester;
    case "stage":
      return row.stage === index.stage;
    case "resource":
      return row.resource === index.resource;
    case "day":
      return utcDay(row.askedAt) === index.day;
    case "review":
      return row.reviewOwed;
  }
}

export function memoryMarks({ marks }: Pick<Tables, "marks">): Marks {
  return {
    get: async (name) => marks.get(name),
    async advance(name, to) {
      if ((marks.get(name) ?? Number.NEGATIVE_INFINITY) < to) marks.set(name, to);
    },
  };
}
