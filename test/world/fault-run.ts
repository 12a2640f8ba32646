import { evidenceOf } from "./evidence.ts";
import { applies, faulty, type Mode, modes, nameOf, recorder, type Spot } from "./faulty.ts";
import { violations } from "./invariants.ts";
import type { Path } from "./paths.ts";
import { type Answered, type World, world } from "./world.ts";

export interface Outcome {
  path: string;
  spot: Spot;
  mode: Mode;
  /** What the client was told: at first, by repeating it at once, and once the sweeper had been round. */
  told: string[];
  /** What is wrong; empty where everything held. */
  violations: string[];
}

const MINUTE = 60_000;

/** The operations of a path, as a clean run of it shows them. Throws where that run is not clean. */
export async function operationsOf(path: Path, seed: number): Promise<Spot[]> {
  const { w, id } = await prepared(path, seed);
  const seen: Spot[] = [];
  w.intercept = recorder(seen);
  await path.act(w, id);
  w.intercept = (_, next) => next();
  await settle(w);
  const wrong = violations(evidenceOf(w, true));
  if (wrong.length > 0) throw new Error(`${path.name}, nothing broken:\n${wrong.join("\n")}`);
  return seen;
}

/** Every operation of a path with every mode that says something of it. */
export function casesOf(seen: Spot[]): { spot: Spot; mode: Mode }[] {
  return seen.flatMap((spot) =>
    modes.filter((mode) => applies(mode, spot)).map((mode) => ({ spot, mode })),
  );
}

/**
 * Walks a path with one call of its ports broken, lets the client repeat it, lets the sweeper do what is due, and
 * looks at everything. Throws where the run never came to that call: then the table of operations is not the path's.
 */
export async function runBroken(
  path: Path,
  spot: Spot,
  mode: Mode,
  seed: number,
): Promise<Outcome> {
  const { w, id } = await prepared(path, seed);
  let came = false;
  const told: string[] = [];
  await new Promise<void>((done, failed) => {
    w.intercept = faulty(w, spot, mode, {
      hit: (killed) => {
        came = true;
        if (!killed) return;
        told.push("killed");
        done();
      },
      repeat: () => w.aside(() => path.act(w, id)),
      revoke: () =>
        w.aside(() => w.revoke("lead", id === "" ? (w.requests().at(-1) ?? "none") : id)),
    });
    path.act(w, id).then(
      (answer) => {
        told.push(said(answer));
        done();
      },
      // A function that is not called over HTTP may throw: whoever woke it calls it again.
      (error: unknown) => {
        if (path.name.startsWith("sweep")) {
          told.push("thrown");
          done();
        } else failed(error);
      },
    );
  });
  if (!came) throw new Error(`${path.name}: the run never came to ${nameOf(spot)}`);
  w.intercept = (_, next) => next();
  told.push(said(await path.act(w, id)));
  w.clock.advance(MINUTE);
  await w.sweep();
  w.clock.advance(MINUTE);
  await w.sweep();
  told.push(said(await path.act(w, id)));
  await settle(w);
  return { path: path.name, spot, mode, told, violations: violations(evidenceOf(w, true)) };
}

async function prepared(path: Path, seed: number): Promise<{ w: World; id: string }> {
  const w = await world({ seed, activate: path.bare !== true });
  return { w, id: await path.prepare(w) };
}

/** Lets every grant and every wait run out, with the sweeper going round as it does. */
async function settle(w: World): Promise<void> {
  for (const minutes of [1, 1, 31, 1, 1, 5 * 60, 1, 1]) {
    w.clock.advance(minutes * MINUTE);
    await w.sweep();
  }
}

function said(answer: Answered | undefined): string {
  if (answer === undefined) return "done";
  const { status, body } = answer;
  return status < 300 ? String(status) : `${status} ${body.code}`;
}
