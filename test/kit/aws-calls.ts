import { type AssumeRoleCommandInput, STSClient } from "@aws-sdk/client-sts";

/*
 * What is asked of AWS, recorded at the SDK: a client's `send`, which all clients of all services share. So a client
 * that somebody adds is recorded too. Who asked is told by the keys: a function's own, or those that STS gave it.
 */

/** As what a target role was assumed. */
export interface RoleSession {
  roleArn: string;
  name: string;
  sourceIdentity?: string;
  policy?: unknown;
  tags: { [key: string]: string };
}

export interface AwsCall {
  /** Whose call it is: by its own keys, or by those of a role that it assumed. */
  caller: string;
  session?: RoleSession;
  /** The SDK's class, as it stands in the adapters: `QueryCommand`. */
  command: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- an input is read member by member, by its command
  input: any;
  /** The file under adapters/ that sent it. */
  adapter: string;
  at: number;
}

interface Sent {
  constructor: { name: string };
  input: unknown;
}
interface Sender {
  config: { credentials(): Promise<{ accessKeyId: string }> };
}
type Send = (this: Sender, command: Sent, ...rest: unknown[]) => Promise<unknown>;

/**
 * Records until `stop`. `callerOf` says whose keys these are; a call by keys that are nobody's and that STS gave
 * nobody is not recorded.
 */
export function recordAwsCalls(callerOf: (accessKeyId: string) => string | undefined): {
  calls: AwsCall[];
  stop(): void;
} {
  const calls: AwsCall[] = [];
  const assumed = new Map<string, { caller: string; session: RoleSession }>();
  const shared = Object.getPrototypeOf(STSClient.prototype) as { send: Send };
  const { send } = shared;

  shared.send = async function (command, ...rest) {
    const [at, adapter] = [Date.now(), adapterIn(new Error("from where").stack ?? "")];
    let answer: unknown;
    try {
      answer = await send.call(this, command, ...rest);
      return answer;
    } finally {
      // Afterwards, so that looking at the keys fetches none.
      const keys = await this.config.credentials().catch(() => undefined);
      const by = keys === undefined ? undefined : (assumed.get(keys.accessKeyId) ?? own(keys));
      if (by !== undefined) {
        const { name } = command.constructor;
        calls.push({ ...by, command: name, input: command.input, adapter, at });
        if (name === "AssumeRoleCommand") remember(by.caller, command.input, answer);
      }
    }
  };

  function own({ accessKeyId }: { accessKeyId: string }): { caller: string } | undefined {
    const caller = callerOf(accessKeyId);
    return caller === undefined ? undefined : { caller };
  }

  function remember(caller: string, input: unknown, answer: unknown): void {
    const asked = input as AssumeRoleCommandInput;
    const given = answer as { Credentials?: { AccessKeyId?: string } } | undefined;
    const accessKeyId = given?.Credentials?.AccessKeyId;
    if (accessKeyId === undefined) return;
    assumed.set(accessKeyId, {
      caller,
      session: {
        roleArn: asked.RoleArn ?? "",
        name: asked.RoleSessionName ?? "",
        tags: Object.fromEntries(
          (asked.Tags ?? []).map(({ Key = "", Value = "" }) => [Key, Value]),
        ),
        ...(asked.SourceIdentity === undefined ? {} : { sourceIdentity: asked.SourceIdentity }),
        ...(asked.Policy === undefined ? {} : { policy: JSON.parse(asked.Policy) as unknown }),
      },
    });
  }

  return { calls, stop: () => void (shared.send = send) };
}

/** The topmost adapter on the stack. What two of them share is named by whoever uses it. */
function adapterIn(stack: string): string {
  return /\/(adapters\/[a-z0-9-]+\.ts)/.exec(stack)?.[1] ?? "";
}
