import { DeleteTableCommand } from "@aws-sdk/client-dynamodb";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dynamoEvents } from "../../adapters/dynamodb-events.ts";
import { systemClock, systemRandom } from "../../adapters/system-clock.ts";
import type { StoredEvent } from "../../core/event.ts";
import type { EventStore } from "../../core/event-store.ts";
import { verifyChains } from "../../core/verify-chains.ts";
import { rulesHere } from "../../local/rules-here.ts";
import { engineHere, startEngine } from "../kit/engine.ts";
import { anyCommand } from "../world/model/commands.ts";
import { newModel } from "../world/model/model.ts";
import { expectAllOver } from "../world/model/record.ts";
import { type World, world } from "../world/world.ts";

const runs = Number(process.env["MODEL_RUNS"] ?? 3);
const seed = Number(process.env["MODEL_SEED"] ?? Date.now() & 0x7fffffff);

/** The engine knows each event's nonce for ten minutes, whatever became of its table: no two worlds draw the same. */
let worlds = 0;

const storedIn = ({ journal }: World): StoredEvent[] =>
  journal.flatMap((entry) => (entry.what === "stored" ? entry.events : []));

/** `npm run test:model -- --wire --runs N [--seed S]` does more of the same. */
describe.skipIf(!engineHere)("the same model, beside a real engine", () => {
  let engine: Awaited<ReturnType<typeof startEngine>>;
  beforeAll(async () => {
    engine = await startEngine();
  });
  afterAll(() => {
    engine.client.destroy();
    engine.stop();
  });

  /** What is appended is told of as it becomes durable, as the store in memory does. */
  const store = (stored: (events: Parameters<EventStore["append"]>[0]) => void): EventStore => {
    const events = dynamoEvents({
      client: engine.client,
      tableName: "events",
      tableArn: "arn:aws:dynamodb:us-east-1:111122223333:table/events",
      clock: systemClock,
      appendDeadlineMs: 20_000,
      random: systemRandom,
    });
    return {
      ...events,
      append: async (added, fences) => {
        const done = await events.append(added, fences);
        if (done.kind === "appended") stored(added);
        return done;
      },
    };
  };

  it(`T24 has the record as the model has it (${runs} runs, seed ${seed})`, {
    timeout: 60_000 + runs * 20_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(),
        fc.commands(anyCommand, { size: "+1", maxCommands: 25 }),
        async (chance, all) => {
          await engine.client.send(new DeleteTableCommand({ TableName: "events" }));
          await engine.createEvents();
          const w = await world({ seed: chance + 7_919 * ++worlds, activate: false, store });
          const set = { ...rulesHere(), reason: "the first set" };
          const first = await w.call("operator", "POST", "/v1/activations", set);
          if (first.status !== 200) throw new Error(JSON.stringify(first.body));
          const model = newModel();
          await fc.asyncModelRun(() => ({ model, real: w }), all);
          await expectAllOver(model, w);
          // What became durable, in that order, is a record that verifies.
          expect(verifyChains(storedIn(w)).problems).toEqual([]);
        },
      ),
      { seed, numRuns: runs, timeout: 120_000 },
    );
  });
});
