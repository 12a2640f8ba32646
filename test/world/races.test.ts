import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { textsOf } from "./model/sets.ts";
import { expectSound, later, race, storedEvents } from "./race.ts";
import { type Answered, type World, world } from "./world.ts";

const runs = Number(process.env["RACE_RUNS"] ?? 20);
const seed = Number(process.env["MODEL_SEED"] ?? Date.now() & 0x7fffffff);
const timeout = 60_000 + runs * 5_000;

const MINUTE = 60_000;
const codes = (answers: { [name: string]: Answered }): unknown[] =>
  Object.values(answers).map(({ status, body }) => (status < 300 ? status : body.code));
const byText = (a: unknown, b: unknown): number => (String(a) < String(b) ? -1 : 1);
const executed = (w: World): number =>
  w.journal.filter((e) => e.what === "wire" && e.call.operation === "ExecuteCommand").length;

async function asked(w: World, wish: object = {}): Promise<string> {
  const { body } = await w.ask("dev", wish);
  return body.id;
}

async function approved(w: World): Promise<string> {
  const id = await asked(w);
  expect((await w.approve("lead", id)).body.status).toBe("approved");
  return id;
}

/** Asks for other rules; what is answered is the last approval they need. */
async function proposed(w: World, texts: object): Promise<() => Promise<Answered>> {
  const { body } = await w.call("operator", "POST", "/v1/activations", { ...texts, reason: "new" });
  return () => w.approve("sre", body.request.id);
}

/** Every step of every port is a point at which another may come first. */
describe(`at once (${runs} orders each, seed ${seed})`, () => {
  const ordered =
    (run: (s: fc.Scheduler, chance: number) => Promise<void>): (() => Promise<void>) =>
    async () => {
      await fc.assert(fc.asyncProperty(fc.scheduler(), fc.nat(), run), { seed, numRuns: runs });
    };

  it(
    "T14 five opens of one grant come to one ExecuteCommand",
    { timeout },
    ordered(async (s, chance) => {
      const w = await world({ seed: chance });
      const id = await approved(w);
      const open = (who: "dev" | "dev2") => () => w.open(who, id);
      const answers = await race(s, w, {
        a: open("dev"),
        b: open("dev2"),
        c: open("dev"),
        d: open("dev2"),
        e: open("dev"),
      });
      expect(codes(answers).toSorted(byText)).toEqual([
        201,
        ...Array(4).fill("session_already_opened"),
      ]);
      expect(executed(w)).toBe(1);
      expectSound(w);
    }),
  );

  it(
    "T15 nothing is opened or handed over after a revoke",
    { timeout },
    ordered(async (s, chance) => {
      const w = await world({ seed: chance });
      const id = await asked(w);
      const answers = await race(s, w, {
        approve: () => w.approve("lead", id),
        revoke: () => w.revoke("sre", id),
        one: () => w.open("dev", id),
        other: () => w.open("dev2", id),
      });
      expect(answers["revoke"]?.status).toBe(200);
      expectSound(w);
      await w.wake(id);
      expect(w.aws.running()).toEqual([]);
      expect((await w.open("dev", id)).status).toBe(409);
    }),
  );

  it(
    "T15 a revoke beside an open that is allowed keeps its session back",
    { timeout },
    ordered(async (s, chance) => {
      const w = await world({ seed: chance });
      const id = await approved(w);
      const answers = await race(s, w, {
        revoke: later(s, chance % 32, () => w.revoke("sre", id)),
        open: () => w.open("dev", id),
      });
      expect(answers["revoke"]?.status).toBe(200);
      expectSound(w);
      await w.wake(id);
      expect(w.aws.running()).toEqual([]);
    }),
  );

  it(
    "T22 last approvals, at once and twice, give one grant",
    { timeout },
    ordered(async (s, chance) => {
      const w = await world({ seed: chance });
      const id = await asked(w, { command: "/bin/sh" });
      const answers = await race(s, w, {
        lead: () => w.approve("lead", id),
        again: () => w.approve("lead", id, "one-click"),
        sre: () => w.approve("sre", id, "another-click"),
        twice: () => w.approve("sre", id, "another-click"),
      });
      expect(codes(answers)).toEqual([200, 200, 200, 200]);
      const given = storedEvents(w).filter((event) => event.kind === "decision.approved");
      expect(given.filter(({ chain }) => chain === `REQ#${id}`)).toHaveLength(2);
      expect(
        given.filter(({ data }) => data.grant !== null && data.grant.rule !== "operators-activate"),
      ).toHaveLength(1);
      expectSound(w);
    }),
  );

  it(
    "T22 a no and the last yes at once leave one of them",
    { timeout },
    ordered(async (s, chance) => {
      const w = await world({ seed: chance });
      const id = await asked(w);
      const answers = await race(s, w, {
        yes: () => w.approve("lead", id),
        no: () => w.deny("sre", id),
      });
      expect(codes(answers).toSorted(byText)).toEqual([200, "request_closed"]);
      expectSound(w);
    }),
  );

  it(
    "T16 one person under two identities fills one place",
    { timeout },
    ordered(async (s, chance) => {
      const w = await world({ seed: chance });
      const texts = textsOf("strict", true);
      const directory = JSON.parse(texts.directory) as {
        persons: { id: string; groups: string[]; principals: object[] }[];
      };
      const [dev, lead] = ["dev", "lead"].map((id) => directory.persons.find((p) => p.id === id));
      // The second identity that was the developer's is the lead's, who is in both groups.
      lead?.principals.push(...(dev?.principals.splice(1, 1) ?? []));
      lead?.groups.push("sre");
      const agree = await proposed(w, { ...texts, directory: JSON.stringify(directory) });
      expect((await agree()).status).toBe(200);
      const id = await asked(w);
      const answers = await race(s, w, {
        first: () => w.approve("lead", id),
        second: () => w.approve("dev2", id),
      });
      expect(codes(answers)).toEqual([200, 200]);
      expect((await w.open("dev", id)).body.code).toBe("not_approved");
      expect((await w.approve("sre", id)).body.status).toBe("approved");
      expectSound(w);
    }),
  );

  it(
    "T17 about its end nothing is decided, sent or left running",
    { timeout },
    ordered(async (s, chance) => {
      const w = await world({ seed: chance });
      const waiting = await asked(w, { target: { cluster: "demo", service: "reports" } });
      const id = await approved(w);
      const end = w.clock.now() + 30 * MINUTE;
      w.clock.advance(30 * MINUTE - 1 - (chance % 3));
      await race(s, w, {
        open: () => w.open("dev", id),
        tick: async () => {
          for (let n = 0; n < 4; n++) {
            await s.schedule(Promise.resolve(), "a millisecond");
            w.clock.advance(1);
          }
          return { status: 0, body: {} };
        },
        sweep: async () => {
          await w.sweep();
          return { status: 0, body: {} };
        },
      });
      expectSound(w);
      w.clock.advance(Math.max(0, end - w.clock.now()));
      await w.sweep();
      expect(w.aws.running()).toEqual([]);

      w.clock.advance(210 * MINUTE - 3 - (w.clock.now() - end) + (chance % 5));
      await race(s, w, {
        approve: () => w.approve("lead", waiting),
        tick: async () => {
          for (let n = 0; n < 4; n++) {
            await s.schedule(Promise.resolve(), "a millisecond");
            w.clock.advance(1);
          }
          return { status: 0, body: {} };
        },
      });
      const lapses = storedEvents(w)
        .filter((event) => event.kind === "request.asked")
        .find(({ chain }) => chain === `REQ#${waiting}`)?.data.lapsesAt;
      const given = storedEvents(w).filter(
        ({ kind, chain }) => kind === "decision.approved" && chain === `REQ#${waiting}`,
      );
      expect(given.filter(({ at }) => at >= (lapses ?? 0))).toEqual([]);
      expectSound(w);
    }),
  );

  it(
    "T20 rules that change keep an open from beginning under the old ones",
    { timeout },
    ordered(async (s, chance) => {
      const w = await world({ seed: chance });
      const id = await approved(w);
      const other = await asked(w, { target: { cluster: "demo", service: "reports" } });
      const activate = await proposed(w, textsOf("frozen", true));
      await race(s, w, {
        open: () => w.open("dev", id),
        approve: () => w.approve("lead", other),
        activate: later(s, chance % 16, activate),
      });
      expectSound(w);
      expect((await w.open("dev", other)).status).toBeGreaterThanOrEqual(400);
    }),
  );

  it(
    "T13, T14: two who ask for one container, and sweepers, come to one session",
    { timeout },
    ordered(async (s, chance) => {
      const w = await world({ seed: chance });
      const target = { cluster: "demo", service: "reports" };
      const ids = [await asked(w, { target }), await asked(w, { target, reason: "another" })];
      for (const id of ids) await w.approve("lead", id);
      const done = async (act: Promise<unknown>): Promise<Answered> => {
        await act;
        return { status: 0, body: {} };
      };
      const answers = await race(s, w, {
        one: () => w.open("dev", ids[0] ?? ""),
        other: () => w.open("dev2", ids[1] ?? ""),
        sweep: () => done(w.sweep()),
        again: () => done(w.sweep()),
        wake: () => done(w.wake(ids[0] ?? "")),
      });
      const opened = Object.values(answers).filter(({ status }) => status === 201);
      expect(opened).toHaveLength(1);
      expect(executed(w)).toBe(1);
      expectSound(w);
    }),
  );
});
