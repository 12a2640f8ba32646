import type { Place } from "../core/containers.ts";
import type { PolicyDocument } from "../core/policy-document.ts";
import { assumeRole, SHORTEST_SESSION_SECONDS } from "./assume-role.ts";
import { type AwsSettings, clientConfiguration } from "./aws-client.ts";

export interface EndRoleSettings {
  aws: AwsSettings;
  /** ARN of `sallyport-end` by account. */
  roleArns: { readonly [account: string]: string };
}

/** How a client is made, and as whom in CloudTrail; `policy` leaves less of the role's rights. */
interface EndRoleSession<Client> {
  service: "ecs" | "ssm";
  roleSessionName: string;
  policy?: PolicyDocument;
  client: new (configuration: ReturnType<typeof clientConfiguration>) => Client;
}

export type AsEndRole = <Client extends { destroy(): void }, T>(
  place: Place,
  session: EndRoleSession<Client>,
  act: (client: Client) => Promise<T>,
) => Promise<T>;

/**
 * Acts in an account and region as `sallyport-end`, with a client that is gone afterwards. All that is done so may
 * be done twice, so the SDK may repeat it. Throws where the account has no such role, what `assumeRole` throws, and
 * what `act` does.
 */
export function asEndRole({ aws, roleArns }: EndRoleSettings): AsEndRole {
  const assume = assumeRole(aws);
  return async (place, { service, roleSessionName, policy, client: Client }, act) => {
    const roleArn = roleArns[place.account];
    if (roleArn === undefined) throw new Error(`no role for account ${place.account}`);
    const credentials = await assume({
      roleArn,
      roleSessionName,
      ...(policy === undefined ? {} : { policy }),
      durationSeconds: SHORTEST_SESSION_SECONDS,
    });
    const client = new Client(
      clientConfiguration(aws, service, {
        region: place.region,
        credentials: async () => credentials,
        maxAttempts: 3,
      }),
    );
    try {
      return await act(client);
    } finally {
      client.destroy();
    }
  };
}
