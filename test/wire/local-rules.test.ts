import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type LocalGateway, startLocalGateway } from "../../local/gateway.ts";
import { signedFetch } from "../kit/signed-fetch.ts";
import { demoTexts } from "../policies/demo-set.ts";

/*
 * Which rules are in force on a local gateway when it has started.
 */

let parent: string;
let gateway: LocalGateway;

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "sallyport-rules-"));
});

afterEach(async () => {
  await gateway.close();
  rmSync(parent, { recursive: true, force: true });
});

async function start(seedRules?: false): Promise<void> {
  gateway = await startLocalGateway({
    port: 0,
    stateDir: join(parent, "state"),
    ...(seedRules === undefined ? {} : { seedRules }),
  });
}

async function activate(who: "operator" | "sre", policies: string) {
  return await signedFetch(gateway.api, gateway.profiles[who], {
    method: "POST",
    path: "/v1/activations",
    body: { ...demoTexts, policies, reason: "test" },
  });
}

async function inForce(): Promise<{ chain: string; actor: unknown; texts: unknown } | undefined> {
  const tip = await gateway.functionPorts.decide.events.tip("CONF");
  if (tip === undefined) return undefined;
  const { actor, data } = JSON.parse(tip.leaf) as { actor: unknown; data: { texts: unknown } };
  return { chain: `${tip.chain} ${tip.seq}`, actor, texts: data.texts };
}

describe("the rules of a local gateway", () => {
  it("are those of policies/ on an empty record, activated by its bootstrap person", async () => {
    await start();
    expect(gateway.rules).toBe("activated");
    expect(await inForce()).toMatchObject({
      chain: "CONF 1",
      actor: { kind: "bootstrap", person: "operator" },
    });
  });

  it("stay as they are on a record that has others, which is said", async () => {
    await start(false);
    expect(gateway.rules).toBe("not asked for");
    expect(await inForce()).toBeUndefined();
    expect((await activate("sre", demoTexts.policies)).status).not.toBe(200);
    expect(await inForce()).toBeUndefined();
    expect((await activate("operator", `${demoTexts.policies}\n// others\n`)).status).toBe(200);
    const before = await inForce();
    await gateway.close();
    await start();
    expect(gateway.rules).toBe("differs");
    expect(await inForce()).toEqual(before);
  });

  it("do not reach the log, only that they were activated does", async () => {
    await start();
    const log = readFileSync(join(gateway.stateDir, "gateway.log"), "utf8");
    expect(log).toContain("createActivation");
    expect(log).not.toContain("permit");
  });
});
