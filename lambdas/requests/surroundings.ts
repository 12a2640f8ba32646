import type { ReadRoleSettings } from "../../adapters/read-role.ts";
import type { Surroundings } from "../look-around.ts";

/** IAM's and EC2's clients are large, and most deployments never ask: they are loaded with the first question. */
export function surroundingsOf(settings: ReadRoleSettings): Surroundings {
  const permissions = once(async () =>
    (await import("../../adapters/iam-role-permissions.ts")).iamRolePermissions(settings),
  );
  const networks = once(async () =>
    (await import("../../adapters/ec2-networks.ts")).ec2Networks(settings),
  );
  return {
    permissions: {
      simulate: async (...question) => await (await permissions()).simulate(...question),
    },
    networks: {
      subnet: async (...question) => await (await networks()).subnet(...question),
      endpoints: async (...question) => await (await networks()).endpoints(...question),
    },
  };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
