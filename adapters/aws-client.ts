import type { ECSClientConfig } from "@aws-sdk/client-ecs";

/** Credentials of a role, or of the function itself. */
export interface AwsCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
  expiration?: Date;
}

export type CredentialSource = () => Promise<AwsCredentials>;

/** How AWS is reached: what the adapters of AWS's services have in common. */
export interface AwsSettings {
  /** Where STS is asked: the gateway's own region. */
  homeRegion: string;
  /** The function's own credentials; those the SDK finds in its environment when absent. */
  baseCredentials?: CredentialSource;
  /** Other addresses than AWS's own, for an emulator. */
  endpoints?: {
    ecs?: string;
    sts?: string;
    ssm?: string;
    identitystore?: string;
    iam?: string;
    ec2?: string;
  };
  /** What carries the requests in place of the SDK's sockets. */
  requestHandler?: RequestHandler;
}

export type RequestHandler = Extract<
  NonNullable<ECSClientConfig["requestHandler"]>,
  { handle: unknown }
>;

export interface ClientOptions {
  region: string;
  /** Absent: the function's own. */
  credentials?: CredentialSource;
  /** Wire attempts in all, the first included. */
  maxAttempts: number;
}

const CONNECT_MS = 2_000;
const REQUEST_MS = 8_000;

const silent = {
  trace: () => undefined,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/**
 * The configuration of one SDK client. The SDK is told to log nothing: what it logs are inputs and
 * outputs, and one output is a session token. A request that takes too long fails; without
 * `throwOnRequestTimeout` the SDK would only warn of it.
 */
export function clientConfiguration(
  settings: AwsSettings,
  service: "ecs" | "sts" | "ssm" | "identitystore" | "iam" | "ec2",
  options: ClientOptions,
) {
  const endpoint = settings.endpoints?.[service];
  const credentials = options.credentials ?? settings.baseCredentials;
  return {
    region: options.region,
    maxAttempts: options.maxAttempts,
    logger: silent,
    requestHandler: settings.requestHandler ?? {
      connectionTimeout: CONNECT_MS,
      requestTimeout: REQUEST_MS,
      throwOnRequestTimeout: true,
      logger: silent,
    },
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials }),
  };
}

/** A signal for one call with everything the SDK does for it: waits and repeated attempts included. */
export function within(ms: number): { abortSignal: AbortSignal } {
  return { abortSignal: AbortSignal.timeout(Math.max(0, ms)) };
}
