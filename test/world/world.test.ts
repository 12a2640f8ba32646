import { describe, expect, it } from "vitest";
import { world } from "./world.ts";

describe("the world in memory", () => {
  it("walks the road from ask to an end that is verified, and the record verifies", async () => {
    const w = await world({ seed: 7 });
    const asked = await w.ask();
    expect(asked.status, JSON.stringify(asked.body)).toBe(201);
    const { id } = asked.body;
    expect((await w.approve("lead", id)).body.status).toBe("approved");
    const opened = await w.open("dev", id);
    expect(opened.status, JSON.stringify(opened.body)).toBe(201);
    expect(w.aws.running().map(({ tokenValue }) => tokenValue)).toEqual([
      opened.body.session.tokenValue,
    ]);
    w.clock.advance(31 * 60_000);
    await w.sweep();
    expect(w.aws.running()).toEqual([]);
    const shown = await w.call("dev", "GET", `/v1/requests/${id}`);
    expect(shown.body).toMatchObject({ status: "closed", liveSessions: 0 });
    expect(w.verify()).toMatchObject({ problems: [] });
  });

  it("ends at once what was revoked, when the stream wakes the sweeper", async () => {
    const w = await world();
    const { id } = (await w.ask()).body;
    await w.approve("lead", id);
    await w.open("dev", id);
    expect((await w.revoke("lead", id)).status).toBe(200);
    expect(w.aws.running()).toHaveLength(1);
    expect(await w.wake(id)).toBe(true);
    expect(w.aws.running()).toEqual([]);
  });

  it("does the same by the same seed, to the byte", async () => {
    const journalOf = async (seed: number) => {
      const w = await world({ seed });
      const { id } = (await w.ask()).body;
      await w.approve("lead", id);
      await w.open("dev", id);
      await w.sweep();
      return JSON.stringify(w.journal);
    };
    expect(await journalOf(3)).toBe(await journalOf(3));
    expect(await journalOf(3)).not.toBe(await journalOf(4));
  });
});
