import { describe, expect, it, vi } from "vitest";
import { clientConfiguration } from "../../adapters/aws-client.ts";

const options = { region: "eu-west-1", maxAttempts: 1 };

describe("clientConfiguration", () => {
  it("lets a slow request fail, where the SDK of itself would only warn of it", () => {
    const { requestHandler } = clientConfiguration({ homeRegion: "us-east-1" }, "ecs", options);
    expect(requestHandler).toMatchObject({
      connectionTimeout: 2_000,
      requestTimeout: 8_000,
      throwOnRequestTimeout: true,
    });
  });

  it("says nothing, at any level, of inputs and answers", () => {
    const spies = (["debug", "info", "log", "warn", "error"] as const).map((method) =>
      vi.spyOn(console, method),
    );
    const { logger } = clientConfiguration({ homeRegion: "us-east-1" }, "ecs", options);
    for (const say of Object.values(logger)) (say as (text: string) => void)("TOKEN");
    for (const spy of spies) expect(spy).not.toHaveBeenCalled();
    vi.restoreAllMocks();
  });

  it("goes to AWS's own address and takes the environment's credentials unless told otherwise", () => {
    const plain = clientConfiguration({ homeRegion: "us-east-1" }, "ecs", options);
    expect(plain).not.toHaveProperty("endpoint");
    expect(plain).not.toHaveProperty("credentials");
  });

  it("takes an emulator's address for the service it is given for, and no other", () => {
    const settings = {
      homeRegion: "us-east-1",
      endpoints: { ecs: "http://127.0.0.1:7071" },
    };
    expect(clientConfiguration(settings, "ecs", options)).toMatchObject({
      endpoint: "http://127.0.0.1:7071",
    });
    expect(clientConfiguration(settings, "ssm", options)).not.toHaveProperty("endpoint");
  });
});
