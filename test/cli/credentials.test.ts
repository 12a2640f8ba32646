import { afterEach, describe, expect, it, vi } from "vitest";
import { findCredentials } from "../../cli/credentials.ts";

describe("AWS credentials", () => {
  afterEach(() => vi.unstubAllEnvs());

  it("that are nowhere are exit status 124, and the hint names the token in place of them", async () => {
    vi.stubEnv("AWS_CONFIG_FILE", "/nonexistent/config");
    vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent/credentials");
    vi.stubEnv("AWS_EC2_METADATA_DISABLED", "true");
    await expect(findCredentials({ kind: "chain", profile: "absent" })).rejects.toMatchObject({
      message: expect.stringMatching(/^no AWS credentials: /),
      exitCode: 124,
      hints: [expect.stringMatching(/--profile.*--token-file.*SALLYPORT_TOKEN/)],
    });
  });
});
