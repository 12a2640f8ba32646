import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../adapters/system-clock.ts";
import { engineHere } from "../kit/engine.ts";
import { startTestGateway, type TestGateway } from "../kit/gateway.ts";
import {} from "../kit/processes.ts";
import { grownBy } from "../kit/record.ts";
import { approvedSleep, isDead } from "../kit/sleeping-command.ts";
import { rawChannel } from "../wire/raw-channel.ts";

/** A client that comes while its session is being ended. */
describe.skipIf(!engineHere)("a revoke and the client's own connection at once", () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startTestGateway();
  });
  afterAll(() => gateway.close());

  it.each([0, 5, 20, 80])(
    "T56 end in a dead command and both on record, where the client comes %i ms later or earlier",
    async (ms) => {
      const { id, mark } = await approvedSleep(gateway, {
        command: (word) => `/bin/sh -c 'echo up; sleep ${word}'`,
      });
      const { grown, held, result } = await grownBy(gateway.events, async () => {
        const opened = await gateway.as("dev")("POST", `/v1/requests/${id}/sessions`, {});
        const { streamUrl, tokenValue } = opened.body.session;
        expect((await gateway.as("sre")("POST", `/v1/requests/${id}/revoke`, {})).status).toBe(200);
        const comes = async () => {
          await systemClock.sleep(ms % 40);
          return await rawChannel({ streamUrl, token: tokenValue }).catch(() => undefined);
        };
        const ends = async () => {
          await systemClock.sleep(ms > 40 ? ms : 0);
          return await gateway.wake(id);
        };
        return await Promise.all([comes(), ends()]);
      });
      const [channel, swept] = result;
      expect(swept).toBe(true);
      expect(await isDead(mark)).toBe(true);
      expect(grown).toEqual([
        "REQ:exec.intent",
        "REQ:request.revoked",
        "REQ:session.ended",
        "REQ:session.opened",
      ]);
      expect(held).toEqual([
        "PERSON:hold.released",
        "PERSON:hold.taken",
        "SLOT:hold.released",
        "SLOT:hold.taken",
      ]);
      // Whoever got in was put out again.
      if (channel !== undefined) await channel.comes(() => channel.code !== undefined);
    },
  );
});
