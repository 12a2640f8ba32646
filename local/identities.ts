import type { GatewayFunctionName } from "../core/family-policies.ts";
import { functionPolicy } from "../core/function-policies.ts";
import type { PolicyDocument } from "../core/policy-document.ts";
import { endRole, execRole, readRole, roleArn } from "../core/roles.ts";
import { base32, type Identity } from "../emulator/credentials.ts";
import type { SigningSecret } from "../emulator/sigv4.ts";
import type { RoleDescription } from "../emulator/sts/roles.ts";
import {
  accessLogGroup,
  account,
  clusterArn,
  reachableClusters,
  region,
  visibleClusters,
} from "./fleet.ts";
import type { Caller } from "./gateway-event.ts";

/*
 * Who exists on one machine: eight users and the account's administrator, whose keys stand in the state's
 * `credentials`, and the roles of the functions, whose keys are made anew at every start and are in nobody's hands but
 * theirs.
 */

/** The users, with the ids by which policies/directory.json knows them. `dev2` is the same person as `dev`. */
export const users = {
  dev: "AIDADEV0000000000001",
  dev2: "AIDADEV2000000000002",
  lead: "AIDALEAD000000000003",
  sre: "AIDASRE0000000000004",
  auditor: "AIDAAUDIT00000000005",
  stranger: "AIDASTRANGER00000006",
  bot: "AIDABOT0000000000007",
  operator: "AIDAOPERATOR00000008",
} as const;

export type UserName = keyof typeof users;

export const userNames = Object.keys(users) as UserName[];

/** `admin` is nobody to the gateway, and may do everything at AWS: whoever wants to go around it. */
export type ProfileName = UserName | "admin";

export const profileNames: readonly ProfileName[] = [...userNames, "admin"];

export interface Keys {
  accessKeyId: string;
  secretAccessKey: string;
}

export function randomKeys(random: (n: number) => Uint8Array): Keys {
  return {
    accessKeyId: `AKIA${base32(random(16)).toUpperCase()}`,
    secretAccessKey: Buffer.from(random(30)).toString("base64"),
  };
}

/** The administrator as IAM and the emulator know them. */
export function adminIdentity(keys: Keys): Identity {
  const everything: PolicyDocument = {
    Version: "2012-10-17",
    Statement: [{ Sid: "Everything", Effect: "Allow", Action: ["*"], Resource: ["*"] }],
  };
  return {
    ...keys,
    arn: `arn:aws:iam::${account}:user/admin`,
    userId: "AIDAADMIN00000000009",
    account,
    policies: [everything],
  };
}

interface Callers {
  secretOf(accessKeyId: string): SigningSecret | undefined;
  callerOf(accessKeyId: string): Caller | undefined;
}

/** A user as IAM and the emulator know it. It holds no right at AWS at all: only the gateway's door. */
export function userIdentity(name: UserName, keys: Keys): Identity {
  return {
    ...keys,
    arn: `arn:aws:iam::${account}:user/${name}`,
    userId: users[name],
    account,
    policies: [],
  };
}

/** Whose key signs a call, as the front door's authorizer knows them: the users and the administrator. */
export function callersOf(profiles: { [name in ProfileName]: Keys }): Callers {
  const byKey = new Map(
    [
      ...userNames.map((name) => userIdentity(name, profiles[name])),
      adminIdentity(profiles.admin),
    ].map((identity) => [identity.accessKeyId, identity]),
  );
  return {
    secretOf: (accessKeyId) => byKey.get(accessKeyId),
    callerOf(accessKeyId) {
      const identity = byKey.get(accessKeyId);
      if (identity === undefined) return undefined;
      return { accessKeyId, account, userArn: identity.arn, userId: identity.userId };
    },
  };
}

type CallingFunction = Exclude<GatewayFunctionName, "projector">;

export const functionNames = ["requests", "decide", "exec", "sweeper", "watcher"] as const;

/** The functions' own keys. */
export type FunctionKeys = { [name in CallingFunction]: Keys };

export function functionKeys(random: (n: number) => Uint8Array): FunctionKeys {
  return Object.fromEntries(
    functionNames.map((name) => [name, randomKeys(random)]),
  ) as FunctionKeys;
}

export const targetRoleArns = {
  read: roleArn("aws", account, "sallyport-read"),
  exec: roleArn("aws", account, "sallyport-exec"),
  end: roleArn("aws", account, "sallyport-end"),
};

const functionRoleArns = {
  requests: roleArn("aws", account, "sallyport-lambda-requests"),
  decide: roleArn("aws", account, "sallyport-lambda-decide"),
  exec: roleArn("aws", account, "sallyport-lambda-exec"),
  sweeper: roleArn("aws", account, "sallyport-lambda-sweeper"),
  watcher: roleArn("aws", account, "sallyport-lambda-watcher"),
};

/**
 * A function's role with, of its policy, the statements about roles and logs: the engine of the tables asks for no
 * rights, so the others would be judged by nobody.
 */
export function functionIdentity(name: CallingFunction, keys: Keys): Identity {
  const policy = functionPolicy(name, {
    eventsTableArn: "*",
    viewsTableArn: "*",
    stateTableArn: "*",
    readRoleArns: [targetRoleArns.read],
    execRoleArns: [targetRoleArns.exec],
    endRoleArns: [targetRoleArns.end],
    accessLogArn: `arn:aws:logs:${region}:${account}:log-group:${accessLogGroup}:*`,
  });
  const judged: PolicyDocument = {
    ...policy,
    Statement: policy.Statement.filter(({ Action }) =>
      Action.every((action) => /^(?:sts|logs):/.test(action)),
    ),
  };
  return {
    ...keys,
    arn: `arn:aws:sts::${account}:assumed-role/sallyport-lambda-${name}/${name}`,
    roleArn: functionRoleArns[name],
    userId: `AROALAMBDA${name.toUpperCase()}:${name}`,
    account,
    // A document says something or is none.
    policies: judged.Statement.length === 0 ? [] : [judged],
  };
}

/** The three roles of a target account. `outside` can be looked into and is missing in the exec role. */
export function targetRoles(): RoleDescription[] {
  const configured = (clusters: readonly string[]) => ({
    partition: "aws",
    account,
    clusters: clusters.map(clusterArn),
    functionRoleArns,
  });
  return [
    { ...readRole(configured(visibleClusters)), roleId: "AROASALLYPORTREAD001" },
    { ...execRole(configured(reachableClusters)), roleId: "AROASALLYPORTEXEC001" },
    { ...endRole(configured(reachableClusters)), roleId: "AROASALLYPORTEND0001" },
  ].map(({ name, roleId, trust, permissions }) => ({
    arn: roleArn("aws", account, name),
    roleId,
    trust,
    permissions: [permissions],
  }));
}
