import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { mistakesIn } from "../../lib/configuration-mistakes.ts";
import {
  readConfigurationFile,
  readDeploymentConfiguration,
} from "../../lib/deployment-configuration.ts";

/*
 * What is told of a wrong configuration, word for word: where it is wrong, what is wrong there, how to mend it. A new
 * field gets a row here for each way in which it is likely to be wrong.
 */

const account = "111122223333";
const cluster = `arn:aws:ecs:us-east-1:${account}:cluster/prod`;
const principal = { account, uniqueId: "AIDACKCEVSQ6C2EXAMPLE" };
const good = {
  home: { account, region: "us-east-1" },
  clusters: [cluster],
  bootstrap: [{ person: "olga", principal }],
};
const network = {
  vpcId: "vpc-0123456789abcdef0",
  subnetIds: ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
  securityGroupIds: ["sg-0123456789abcdef0"],
  stsEndpointId: "vpce-0123456789abcdef0",
};
const certificate = (region: string) =>
  `arn:aws:acm:${region}:${account}:certificate/12345678-1234-1234-1234-123456789012`;
const domain = { name: "exec.example.com", certificateArn: certificate("us-east-1") };

const people = {
  name: "corp",
  issuer: "https://login.example.com",
  audience: "sallyport",
  kind: "people",
};
const deployRole = "arn:aws:iam::*:role/deploy-sallyport";
const guardrail = { account, stage: "observe", targetIds: ["ou-ab12-34cd56ef"] };
const user = `arn:aws:iam::${account}:user/emergency/olga`;
const permissionSet = `arn:aws:iam::${account}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Ops_0123456789abcdef`;

const [UNIQUE_ID, ROLE_ID] = [
  "`aws iam get-user` prints it as UserId, `aws iam get-role` as RoleId",
  "`aws iam get-role` prints it as RoleId",
];

/** A change to a good configuration, and every line that is said of it. */
const mistakes: [{ [field: string]: unknown }, ...string[]][] = [
  [
    { home: { account: "1", region: "Virginia" } },
    'home.account: "1" is not an account id: 12 digits, in quotes; `aws sts get-caller-identity` prints it',
    'home.region: "Virginia" is not a region such as us-east-1',
  ],
  [
    { home: { account: 111122223333, region: "us-east-1" } },
    "home.account: 111122223333 is not text: put it in quotes",
  ],
  [{ home: { account } }, "home.region: is missing. A region such as us-east-1."],
  [
    { home: undefined },
    "home: is missing. Account and region of the gateway, its record and its API.",
  ],
  [{ clusters: [] }, "clusters: name at least one cluster"],
  [{ clusters: cluster }, `clusters: "${cluster}" is not a list in [ ]`],
  [
    { clusters: ["prod"] },
    'clusters.0: "prod" is not the ARN of a cluster: `aws ecs describe-clusters --clusters NAME` prints it',
  ],
  [
    { clusters: [cluster.replace("prod", "*")] },
    `clusters.0: "arn:aws:ecs:us-east-1:${account}:cluster/*" is not the ARN of a cluster: \`aws ecs describe-clusters --clusters NAME\` prints it`,
  ],
  [{ clusters: [cluster, cluster] }, "clusters.1: named twice: take one of them away"],
  [
    { clusters: [cluster, `arn:aws-cn:ecs:cn-north-1:${account}:cluster/prod`] },
    "clusters.1: in another partition than the first: roles of one cannot be assumed from another. Deploy a gateway in each",
  ],
  [
    { clusters: Array.from({ length: 60 }, (_, i) => `${cluster}-${String(i).padStart(2, "0")}`) },
    "configuration: clusters and their places, bootstrap, trustedRoles and oidc make 4183 bytes of a function's environment, which holds 4096: name fewer, or deploy a second gateway for some",
  ],
  [
    { cluster: [cluster], bootstrap: good.bootstrap, clusters: undefined },
    "clusters: is missing. ARNs of the clusters the gateway may touch, of any account and region. Any other answers as if it did not exist.",
    "cluster: there is no such field; did you mean clusters?",
  ],
  [
    { home: { account, region: "us-east-1", zone: "us-east-1a" } },
    "home.zone: there is no such field; here are account, region",
  ],
  [
    { bootstrap: [] },
    "bootstrap: name at least one person, or nobody can put the first rules in force",
  ],
  [
    { bootstrap: [{ person: "o l", principal }] },
    'bootstrap.0.person: "o l" is not a person\'s id: 2 to 48 letters, digits, `_`, `.`, `@` and `-`',
  ],
  [
    { bootstrap: [{ person: "olga", principal: { account } }] },
    "bootstrap.0.principal.uniqueId: is missing. What IAM calls the user's or role's unique id, such as AIDA… or AROA….",
  ],
  [
    {
      bootstrap: [
        {
          person: "olga",
          principal: { account, uniqueId: `arn:aws:iam::${account}:user/olga` },
        },
      ],
    },
    `bootstrap.0.principal.uniqueId: "arn:aws:iam::${account}:user/olga" is not a unique id such as AIDA… or AROA…: ${UNIQUE_ID}`,
  ],
  [
    { oidc: [{ ...people, issuer: "http://login.example.com" }] },
    'oidc.0.issuer: "http://login.example.com" is not an issuer: an https URL without query, letter by letter as `iss` of its tokens has it',
  ],
  [
    { oidc: [{ ...people, name: "v1" }] },
    'oidc.0.name: "v1" is not a name for an issuer: up to 20 of a-z, 0-9 and `-`, and no version such as v1',
  ],
  [
    { oidc: [{ ...people, kind: "peple" }] },
    'oidc.0.kind: "peple" is not one of people, programs; did you mean people?',
  ],
  [
    { oidc: [{ ...people, audience: undefined, audiences: ["a"] }] },
    "oidc.0.audience: is missing. What `aud` of its tokens for this gateway is: of this gateway alone.",
    "oidc.0.audiences: there is no such field; did you mean audience?",
  ],
  [
    { oidc: [people, { ...people, name: "other" }] },
    'oidc.1.issuer: "https://login.example.com" stands there twice: each issuer has one door',
  ],
  [
    { oidc: [people, { ...people, issuer: "https://other.example.com" }] },
    'oidc.1.name: "corp" stands there twice: each issuer has one door',
  ],
  [
    { oidc: [{ ...people, kind: "programs", maxAuthAgeMinutes: 15 }] },
    "oidc.0.maxAuthAgeMinutes: programs do not sign in: leave it out, or say that the issuer is of people",
  ],
  [
    {
      oidc: ["a", "b", "c", "d", "e"].map((name) => ({
        ...people,
        name,
        issuer: `https://${name}.example.com`,
      })),
    },
    "oidc: name 4 issuers at most: each takes as many routes of the API as there are",
  ],
  [
    { identityCenter: { identityStoreId: "ssoins-1234567890abcdef", region: "us-east-1" } },
    'identityCenter.identityStoreId: "ssoins-1234567890abcdef" is not an identity store such as d-1234567890: `aws sso-admin list-instances` prints it',
  ],
  [
    { trustedRoles: [{ account, roleId: principal.uniqueId }] },
    `trustedRoles.0.roleId: "${principal.uniqueId}" is not a role's id such as AROA…: ${ROLE_ID}`,
  ],
  [
    { logRetentionDays: 100 },
    "logRetentionDays: 100 is not a number of days that CloudWatch Logs offers: 30, 90, 180, 365, 731, 1827, 3653 are some",
  ],
  [
    { logRetentionDays: 9_999 },
    "logRetentionDays: 9999 is not a number of days that CloudWatch Logs offers: 30, 90, 180, 365, 731, 1827, 3653 are some",
  ],
  [{ logRetentionDays: "a year" }, 'logRetentionDays: "a year" is not a number'],
  [
    { rates: { write: 0, read: 1.5 } },
    "rates.write: 0 is too small: 1 is the least",
    "rates.read: 1.5 is not a whole number",
  ],
  [
    { rates: { target: 239 } },
    "rates: one person could use up a target: it has to take twice what one may write",
  ],
  [
    { network: { ...network, subnetIds: network.subnetIds.slice(1) } },
    "network.subnetIds: name subnets of two zones at least, or one zone's outage is the gateway's",
  ],
  [
    { network: { ...network, securityGroupIds: [] } },
    "network.securityGroupIds: name at least one security group",
  ],
  [
    { network: { ...network, stsEndpointId: undefined } },
    "network.stsEndpointId: is missing. The interface endpoint of STS in this VPC. The roles of the target accounts can be assumed through it alone.",
  ],
  [
    { deployRoleArns: ["arn:aws:iam::*:role/*"] },
    'deployRoleArns.0: "arn:aws:iam::*:role/*" is not the ARN of a role such as arn:aws:iam::111122223333:role/deploy; `*` may stand for the account, or end a name of eight letters or more',
  ],
  [
    { deployRoleArns: [deployRole, `arn:aws:iam::${account}:role/sallyport/sallyport-exec`] },
    "deployRoleArns.1: a role of the gateway itself, which would then be able to change it: name one that deploys",
  ],
  [{ recovery: { principals: [] } }, "recovery.principals: name at least one user or role"],
  [
    { recoveryRoleArns: ["arn:aws-cn:iam::*:role/restore-tables"] },
    "recoveryRoleArns.0: in another partition than the clusters, which are in aws",
  ],
  [
    { guardrail },
    "deployRoleArns: is empty, and the guardrail would keep everybody from changing the gateway: name the roles that deploy it",
  ],
  [
    { guardrail: { ...guardrail, targetIds: [] }, deployRoleArns: [deployRole] },
    "guardrail.targetIds: name what they are attached to: the accounts with clusters, and the gateway's own",
  ],
  [
    {
      guardrail: { ...guardrail, targetIds: ["prod"], stage: "enforced" },
      deployRoleArns: [deployRole],
    },
    'guardrail.stage: "enforced" is not one of observe, enforce; did you mean enforce?',
    'guardrail.targetIds.0: "prod" is not a root (r-…), an organizational unit (ou-…) or an account',
  ],
  [
    { guardrail: { ...guardrail, stage: "enforce" }, deployRoleArns: [deployRole] },
    "guardrail.apiId: is missing, and enforcing would leave the API open to be changed: it is the output ApiId of the gateway's stack",
  ],
  [
    { lastResort: { principals: [user] } },
    "lastResort.mail: is missing, and nobody would hear of a use: name an address here, or `alarmMail`",
  ],
  [
    { lastResort: { principals: [`arn:aws:iam::${account}:root`], mail: "on call" } },
    'lastResort.principals.0: "arn:aws:iam::111122223333:root" is not the ARN of one user or role such as arn:aws:iam::111122223333:user/olga',
    'lastResort.mail: "on call" is not an address to mail to, such as on-call@example.com',
  ],
  [
    { lastResort: { principals: [permissionSet] }, alarmMail: "on-call@example.com" },
    "lastResort.principals.0: a permission set's role, whose sessions never say whether there was a second factor, so that it could not get in: name a user",
  ],
  [
    { domain: { ...domain, name: "https://exec.example.com" } },
    'domain.name: "https://exec.example.com" is not a domain name such as exec.example.com',
  ],
  [
    { domain: { ...domain, certificateArn: certificate("eu-west-1") } },
    `domain.certificateArn: the certificate is of ${account}/eu-west-1, and has to be of home: ${account}/us-east-1. Request one there`,
  ],
  [
    { domain: { ...domain, hostedZone: { id: "Z1", name: "x.org" } } },
    "domain.hostedZone.name: the domain does not lie in this zone: name the zone of its own records",
  ],
  [
    { alarmMail: "on call" },
    'alarmMail: "on call" is not an address to mail to, such as on-call@example.com',
  ],
  [{ ownKeys: "yes" }, 'ownKeys: "yes" is not true or false'],
  [
    { clusters: ["prod"], bootstrap: null, dashbord: true, tracing: 1 },
    'clusters.0: "prod" is not the ARN of a cluster: `aws ecs describe-clusters --clusters NAME` prints it',
    "bootstrap: null is not a list in [ ]",
    "tracing: 1 is not true or false",
    "dashbord: there is no such field; did you mean dashboard?",
  ],
];

/** Each field that is text, once. */
const everyField = {
  ...good,
  trustedRoles: [{ account, roleId: "AROACKCEVSQ6C2EXAMPLE" }],
  network,
  domain: { ...domain, hostedZone: { id: "Z1ABC", name: "example.com" } },
  oidc: [
    {
      ...people,
      groupsClaim: "groups",
      tokenType: "at+jwt",
      tokenUse: "access",
      scope: "sallyport",
    },
  ],
  identityCenter: { identityStoreId: "d-1234567890", region: "us-east-1", account },
  alarmMail: "on-call@example.com",
  deployRoleArns: [deployRole],
  recoveryRoleArns: ["arn:aws:iam::*:role/restore-tables"],
  guardrail: { account, stage: "observe", targetIds: ["ou-ab12-34cd56ef"], apiId: "abcdef1234" },
  lastResort: { principals: [user], mail: "on-call@example.com" },
  recovery: { principals: [user] },
  restoredEventsTable: "sallyport-events",
};

/** Puts what is nothing in place of each text; answers the paths. */
function spoilTexts(within: { [key: string]: unknown }, path = ""): string[] {
  return Object.entries(within).flatMap(([key, value]) => {
    if (typeof value === "string") {
      within[key] = "? ?";
      return [`${path}${key}`];
    }
    return typeof value === "object" && value !== null
      ? spoilTexts(value as { [key: string]: unknown }, `${path}${key}.`)
      : [];
  });
}

const folder = mkdtempSync(join(tmpdir(), "sallyport-configuration-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** The text of what is thrown. */
function told(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    return (error as Error).message;
  }
  return "nothing was wrong";
}

describe("of a wrong configuration", () => {
  it("there are at least fifteen ways here", () => {
    expect(mistakes.length).toBeGreaterThanOrEqual(15);
  });

  it.each(mistakes.map(([change, ...lines]) => ({ change, lines, first: lines[0]?.slice(0, 90) })))(
    "each mistake is told, with how to mend it: $first",
    ({ change, lines }) => {
      const wrong = JSON.parse(JSON.stringify({ ...good, ...change })) as unknown;
      expect(told(() => readDeploymentConfiguration(wrong)).split("\n")).toEqual([
        "the deployment's configuration cannot be used:",
        ...lines.map((line) => `  ${line}`),
      ]);
    },
  );

  it("no text of any field is told in the words of the library that reads it", () => {
    const wrong = JSON.parse(JSON.stringify(everyField)) as { [field: string]: unknown };
    const spoilt = spoilTexts(wrong);
    expect(spoilt.length).toBeGreaterThan(30);
    const lines = told(() => readDeploymentConfiguration(wrong)).split("\n");
    for (const path of spoilt) {
      const its = lines.filter((line) => line.startsWith(`  ${path}: `));
      expect(its, path).toEqual([expect.stringMatching(/"\? \?" is not \S+ \S+/)]);
      expect(its[0]).not.toMatch(/invalid|must (?:match|be)|pattern|regex/i);
    }
  });

  it.each<[string, string]>([
    ["", "no JSON at line 1, column 1: the text ends; expected a value"],
    [
      '{\n  "home": {},\n  clusters: []\n}',
      "no JSON at line 3, column 3: expected a name in double quotes",
    ],
    ['{\n  "clusters": ["a",]\n}', "no JSON at line 2, column 20: clusters.1: expected a value"],
    [
      '{\n  "clusters": [],\n  "clusters": []\n}',
      "no JSON at line 4, column 2: clusters: this name stands here twice",
    ],
  ])("its text is told where it is no JSON: %j", (text, line) => {
    const path = file("gateway.json", text);
    expect(told(() => readConfigurationFile(path)).split("\n")).toEqual([
      `the deployment's configuration cannot be used: ${path}`,
      `  ${line}`,
    ]);
  });

  it("a file that is not there is told, and what to copy", () => {
    const path = join(folder, "no-such.json");
    expect(told(() => readConfigurationFile(path)).split("\n")).toEqual([
      `the deployment's configuration cannot be used: ${path}`,
      "  there is no such file. Copy examples/minimal.json, or name another by `-c sallyport:configuration=FILE`",
    ]);
  });
});

describe("mistakesIn", () => {
  const schema = z.strictObject({
    kind: z.enum(["person", "workload"]),
    of: z.union([
      z.strictObject({ group: z.string(), audience: z.string() }),
      z.strictObject({ user: z.string() }),
    ]),
  });

  it("names what could have been chosen, and of alternatives what is missing of the nearest", () => {
    const wrong = { kind: "persons", of: { group: "sre" } };
    const { error } = schema.safeParse(wrong);
    expect(mistakesIn(error?.issues ?? [], wrong, z.toJSONSchema(schema))).toEqual([
      'kind: "persons" is not one of person, workload; did you mean person?',
      "of.audience: is missing. It has to be text.",
    ]);
  });
});

describe("node bin/gateway.ts", () => {
  it("ends with 1 and prints what is wrong in which file, and nothing of its own code", () => {
    const path = file("wrong.json", JSON.stringify({ ...good, clusters: ["prod"] }));
    const root = fileURLToPath(new URL("../..", import.meta.url));
    const { status, stdout, stderr } = spawnSync(process.execPath, ["bin/gateway.ts", path], {
      cwd: root,
      encoding: "utf8",
      env: { PATH: process.env["PATH"], CDK_OUTDIR: join(folder, "out") },
    });
    const [first, ...rest] = stderr.trimEnd().split("\n");
    expect(first).toMatch(
      /^sallyport: error: the deployment's configuration cannot be used: .*wrong\.json$/,
    );
    expect(rest).toEqual([
      '  clusters.0: "prod" is not the ARN of a cluster: `aws ecs describe-clusters --clusters NAME` prints it',
    ]);
    expect(stdout).toBe("");
    expect(status).toBe(1);
  });
});
