import type { Place } from "../core/containers.ts";
import { SallyportError } from "../core/errors.ts";
import type { Told } from "../core/surroundings.ts";
import { clientConfiguration, within } from "./aws-client.ts";
import { awsErrorOf, credentialsRefused } from "./aws-error.ts";
import { type ReadRoleSettings, readRoleSessions } from "./read-role.ts";

/** Somebody waits for what is asked besides. */
const DEADLINE_MS = 5_000;

/** Asks a service in a place, by a client of that call alone; `operation` is what it is called where it is not told. */
export type Ask<Client> = <T>(
  place: Place,
  operation: string,
  send: (client: Client, limit: { abortSignal: AbortSignal }) => Promise<T | undefined>,
) => Promise<Told<T>>;

/**
 * One service of AWS as `sallyport-read` sees it. What a call was told, or why it was not: refused, throttled, too
 * late, not understood. Only for calls without which a decision can be made: never throws.
 */
export function asking<Client extends { destroy(): void }>(
  settings: ReadRoleSettings,
  service: "ec2" | "iam",
  clientOf: (configuration: ReturnType<typeof clientConfiguration>) => Client,
): Ask<Client> {
  const role = readRoleSessions(settings);
  return async ({ account, region }, operation, send) => {
    try {
      const credentials = role.credentialsFor(account);
      const client = clientOf(
        clientConfiguration(settings.aws, service, { region, credentials, maxAttempts: 2 }),
      );
      try {
        const value = await send(client, within(DEADLINE_MS));
        if (value !== undefined) return { kind: "told", value };
        return { kind: "not_told", why: `${operation} did not answer as expected` };
      } finally {
        client.destroy();
      }
    } catch (error) {
      if (credentialsRefused(error)) role.forget(account);
      const answered = awsErrorOf(error);
      const why =
        answered?.error ??
        (error instanceof SallyportError ? error.code : "it did not answer in time");
      return { kind: "not_told", why: `the gateway could not ask ${operation} (${why})` };
    }
  };
}
