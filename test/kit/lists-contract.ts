import { describe, expect, it } from "vitest";
import { utcDay } from "../../core/clock.ts";
import type { Marks } from "../../core/marks.ts";
import type { ViewRow, Views } from "../../core/views.ts";
import { NOW } from "./build-request.ts";

const row = (n: number, change: Partial<ViewRow> = {}): ViewRow => ({
  id: `r${String(n).padStart(3, "0")}`,
  seq: 1,
  stage: "pending",
  requester: "dev",
  readers: { requester: "dev", deciders: [], groups: ["sre"], resource: { kind: "gateway" } },
  resource: "arn:api",
  reviewOwed: false,
  askedAt: NOW + n * 1_000,
  ...change,
});
const all = { from: NOW, to: NOW + 1_000_000 };

/** What the lists do, whatever they are kept in. Each test gets empty ones. */
export function viewsContract(views: () => Views): void {
  describe("the lists", () => {
    it("move a row only forwards", async () => {
      await views().put(row(1, { seq: 3, stage: "approved" }));
      await views().put(row(1, { seq: 2, stage: "pending" }));
      await views().put(row(1, { seq: 3, stage: "denied" }));
      expect(await views().seqOf("r001")).toBe(3);
      expect(await views().seqOf("none")).toBe(0);
      const stage = async (stage: ViewRow["stage"]) =>
        (await views().page({ by: "stage", stage }, all, undefined, 10)).rows.map(({ id }) => id);
      expect(await stage("approved")).toEqual(["r001"]);
      expect([...(await stage("pending")), ...(await stage("denied"))]).toEqual([]);
      await views().put(row(1, { seq: 4, stage: "closed" }));
      expect(await stage("closed")).toEqual(["r001"]);
      expect(await stage("approved")).toEqual([]);
    });

    it("take a row anew, whatever it said", async () => {
      await views().put(row(1, { seq: 7, stage: "closed" }));
      await views().putAnew(row(1, { seq: 3, stage: "revoked" }));
      expect(await views().seqOf("r001")).toBe(3);
      const { rows } = await views().page({ by: "stage", stage: "revoked" }, all, undefined, 10);
      expect(rows.map(({ id }) => id)).toEqual(["r001"]);
    });

    it("hold what a review is owed of in a list of its own, until it is given", async () => {
      const readers = { ...row(1).readers, reviewed: true as const };
      const owed = async () =>
        (await views().page({ by: "review" }, all, undefined, 10)).rows.map((found) => found.id);
      await views().put(row(30));
      await views().put(row(31, { readers, reviewOwed: true, seq: 1 }));
      expect(await owed()).toEqual(["r031"]);
      const listed = await views().page({ by: "resource", resource: "arn:api" }, all, undefined, 1);
      expect(listed.rows.map((found) => [found.id, found.reviewOwed])).toEqual([["r031", true]]);
      await views().put(row(31, { readers, seq: 3 }));
      await views().put(row(31, { readers, reviewOwed: true, seq: 2 }));
      expect(await owed()).toEqual([]);
    });

    it("page newest first within the range, by every index", async () => {
      for (let n = 0; n < 25; n++) await views().put(row(n));
      await views().put(row(30, { requester: "bot", resource: "", stage: "denied" }));
      const newestFirst = Array.from({ length: 25 }, (_, n) => row(24 - n).id);
      for (const index of [
        { by: "requester", requester: "dev" },
        { by: "stage", stage: "pending" },
        { by: "resource", resource: "arn:api" },
      ] as const) {
        const ids: string[] = [];
        let cursor: string | undefined;
        do {
          const page = await views().page(index, all, cursor, 10);
          ids.push(...page.rows.map(({ id }) => id));
          cursor = page.more ? page.rows.at(-1)?.sort : undefined;
        } while (cursor !== undefined);
        expect(ids).toEqual(newestFirst);
      }
      const day = { by: "day", day: utcDay(NOW) } as const;
      const range = { from: NOW + 3_000, to: NOW + 5_000 };
      const paged = async (within: typeof all, limit: number) =>
        (await views().page(day, within, undefined, limit)).rows;
      expect((await paged(range, 10)).map(({ id }) => id)).toEqual(["r005", "r004", "r003"]);
      const [newest] = await paged(all, 1);
      expect(newest).toMatchObject({ id: "r030", readers: row(30).readers });
    });
  });
}

/** What a mark does, whatever it is kept in. */
export function marksContract(marks: () => Marks): void {
  it("a mark goes only forwards", async () => {
    expect(await marks().get("sweeper")).toBeUndefined();
    await marks().advance("sweeper", NOW);
    await marks().advance("sweeper", NOW - 1);
    expect(await marks().get("sweeper")).toBe(NOW);
    await marks().advance("sweeper", NOW + 1);
    expect(await marks().get("sweeper")).toBe(NOW + 1);
  });
}
