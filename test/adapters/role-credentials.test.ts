import { describe, expect, it } from "vitest";
import { keptCredentials } from "../../adapters/role-credentials.ts";

const HOUR = 3_600_000;

function source() {
  let now = 0;
  let fetched = 0;
  const credentials = keptCredentials(
    async () => {
      fetched++;
      if (fetched === 99) throw new Error("refused");
      return {
        accessKeyId: `A${fetched}`,
        secretAccessKey: "s",
        sessionToken: "t",
        expiration: new Date(now + HOUR),
      };
    },
    { now: () => now },
  );
  return {
    credentials,
    at: (ms: number) => (now = ms),
    fetched: () => fetched,
    failNext: () => (fetched = 98),
  };
}

describe("keptCredentials", () => {
  it("fetches once until five minutes before the end", async () => {
    const { credentials, at, fetched } = source();
    expect((await credentials()).accessKeyId).toBe("A1");
    at(HOUR - 300_001);
    expect((await credentials()).accessKeyId).toBe("A1");
    at(HOUR - 300_000);
    expect((await credentials()).accessKeyId).toBe("A2");
    expect(fetched()).toBe(2);
  });

  it("shares one fetch among all who wait for it", async () => {
    const { credentials, fetched } = source();
    await Promise.all([credentials(), credentials(), credentials()]);
    expect(fetched()).toBe(1);
  });

  it("keeps no failure", async () => {
    const { credentials, failNext, fetched } = source();
    failNext();
    await expect(credentials()).rejects.toThrow("refused");
    expect((await credentials()).accessKeyId).toBe("A100");
    expect(fetched()).toBe(100);
  });
});
