import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultRates } from "../core/rate-limits.ts";
import { startLocalGateway } from "../local/gateway.ts";
import { callAs } from "../local/signed-call.ts";
import { percentile } from "./percentile.ts";

/**
 * What one person's storm costs another person who looks and asks meanwhile; see bench/README.md. `STORM` (default
 * 1000) says how many calls the storm has, `AT_ONCE` (default 20) how many of them are under way at any time.
 */
const calls = Number(process.env["STORM"] ?? 1_000);
const atOnce = Number(process.env["AT_ONCE"] ?? 20);
/** Calls of the other person, quiet and during the storm alike. */
const MOST = 100;
const stateDir = mkdtempSync(join(tmpdir(), "sallyport-bench-"));
const gateway = await startLocalGateway({ port: 0, stateDir: join(stateDir, "state") });
const { api, profiles } = gateway;
/** A change that is refused without a look at ECS: what is measured is the gateway's own. */
const path = `/v1/requests/${"0".repeat(26)}/cancel`;

/** As another person, one call after the other, until `over`: how long each took, and what was refused. */
async function beside(over: () => boolean): Promise<{ took: number[]; refused: number }> {
  const took: number[] = [];
  let refused = 0;
  while (took.length < MOST && !over()) {
    const began = performance.now();
    const answer = await callAs(api, profiles.lead, "GET", "/v1/requests");
    took.push(performance.now() - began);
    if (answer.status !== 200) refused += 1;
  }
  return { took, refused };
}

try {
  await beside(() => false);
  const quiet = await beside(() => false);
  let [sent, answered, limited] = [0, 0, 0];
  const worker = async (): Promise<void> => {
    while (sent < calls) {
      sent += 1;
      const answer = await callAs(api, profiles.dev, "POST", path, {});
      answered += 1;
      if (answer.status === 429) limited += 1;
    }
  };
  const storm = Promise.all(Array.from({ length: atOnce }, worker));
  const during = await beside(() => answered >= calls);
  await storm;
  const p99 = (took: number[]): number => percentile(took, 0.99);
  const [before, meanwhile] = [p99(quiet.took), p99(during.took)];
  console.log(
    `a storm of ${calls} calls of one person, ${atOnce} at once: ${limited} refused with rate_limited, of ${defaultRates.write} a minute`,
  );
  console.log(
    `another person meanwhile: ${during.took.length} calls, ${during.refused} refused; p99 quiet ${before.toFixed(1)} ms, in the storm ${meanwhile.toFixed(1)} ms, ratio ${(meanwhile / before).toFixed(1)}`,
  );
} finally {
  await gateway.close();
  rmSync(stateDir, { recursive: true, force: true });
}
