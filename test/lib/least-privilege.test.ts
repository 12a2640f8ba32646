import { rmSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { routes } from "../../api/routes.ts";
import { type AwsCall, type RoleSession, recordAwsCalls } from "../kit/aws-calls.ts";
import { engineHere } from "../kit/engine.ts";
import { type Forbidden, functionsHere } from "../kit/iam/forbidden-question.ts";
import { forbiddenRequests } from "../kit/iam/forbidden-requests.ts";
import { ADMINISTRATOR, DEPLOYER } from "../kit/iam/forbidden-roles.ts";
import { allows, allowsBy } from "../kit/iam/judge.ts";
import { isOfServices, type Mutation, narrowed, widened } from "../kit/iam/mutations.ts";
import { type Asker, type IamRequest, iamRequestsOf } from "../kit/iam/requests.ts";
import { serviceMade, serviceMadeBy } from "../kit/iam/service-made.ts";
import {
  type Statement,
  type TemplatePolicies,
  type TemplateRole,
  templatePolicies,
} from "../kit/iam/template-policies.ts";
import {
  commandsIn,
  functionNames,
  type PossibleCall,
  possibleCalls,
} from "../kit/possible-calls.ts";
import { synthesized } from "../kit/synthesized-example.ts";
import { type Tour, tour } from "../kit/tour.ts";

/*
 * What each function asks of AWS, recorded at the SDK while everything is done once (kit/tour.ts), judged by an
 * evaluator of IAM under the policies as they are synthesized: all of it is allowed, nothing more is granted, and what
 * nobody may do is denied. Then each grant is taken away and each made to reach further, and somebody notices.
 */

const account = "111122223333";
const elsewhere = "444455556666";
const stsEndpointId = "vpce-0123456789abcdef0";
/** Where the tour goes, with every switch that adds a right. */
const deployed = (targetAccount: string) => ({
  home: { account, region: "us-east-1" },
  clusters: [`arn:aws:ecs:us-east-1:${targetAccount}:cluster/demo`],
  bootstrap: [{ person: "olga", principal: { account, uniqueId: "AIDACKCEVSQ6C2EXAMPLE" } }],
  mayStopTasks: true,
  deepPreflight: true,
  deployRoleArns: [`arn:aws:iam::${account}:role/deploys-sallyport`],
  identityCenter: { identityStoreId: "d-1234567890", region: "us-east-1" },
  network: {
    vpcId: "vpc-0123456789abcdef0",
    subnetIds: ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
    securityGroupIds: ["sg-0123456789abcdef0"],
    stsEndpointId,
  },
  ownKeys: true,
  tracing: true,
});

/**
 * Calls that stand in what a function is put together with and that it never makes. By its own role none of them is
 * allowed either, which is tested; `sallyport-read` is one role for the four functions that look into clusters.
 */
const neverMade: { [adapterAndCommand: string]: { by: string[]; because: string } } = {
  "adapters/dynamodb-event-reader.ts BatchGetItemCommand": {
    by: ["decide", "exec", "projector", "sweeper"],
    because: "Whole days are read by requests, for auditors, and by the watcher.",
  },
  "adapters/dynamodb-events.ts PutItemCommand": {
    by: ["requests", "exec", "projector", "sweeper", "watcher"],
    because: "Texts come with an activation, which decide alone puts on record.",
  },
  "adapters/dynamodb-events.ts TransactWriteItemsCommand": {
    by: ["projector"],
    because: "It only reads the record.",
  },
  "adapters/dynamodb-limits.ts UpdateItemCommand": {
    by: ["sweeper"],
    because: "Nobody calls the sweeper; it shares a constant with the counters.",
  },
  "adapters/dynamodb-refusal-counts.ts QueryCommand": {
    by: ["requests", "decide", "exec"],
    because: "They count refusals, and the sweeper reads what was counted.",
  },
  "adapters/dynamodb-refusal-counts.ts UpdateItemCommand": {
    by: ["sweeper"],
    because: "It reads what was counted, and is refused nothing.",
  },
  ...Object.fromEntries(
    ["GetUserId", "ListGroupMembershipsForMember", "DescribeGroup"].map((operation) => [
      `adapters/identity-center-memberships.ts ${operation}Command`,
      { by: ["sweeper"], because: "It takes what the record says of somebody's groups." },
    ]),
  ),
  "adapters/dynamodb-views.ts GetItemCommand": {
    by: ["projector"],
    because: "It writes the lists, and reads none.",
  },
  "adapters/dynamodb-views.ts QueryCommand": {
    by: ["projector"],
    because: "It writes the lists, and reads none.",
  },
  "adapters/dynamodb-views.ts PutItemCommand": {
    by: ["requests"],
    because: "It reads the lists, which the projector writes.",
  },
  ...Object.fromEntries(
    [
      "DescribeClusters",
      "DescribeServices",
      "DescribeTaskDefinition",
      "ListServices",
      "ListTasks",
    ].map((operation) => [
      `adapters/ecs-containers.ts ${operation}Command`,
      { by: ["sweeper"], because: "Of a cluster it only asks whether tasks still run." },
    ]),
  ),
};

interface Asked {
  asker: Asker;
  request: IamRequest;
  at: number;
  /** `<adapter> <command>`, as `neverMade` names it. */
  call: string;
}

/** Without what differs from one run to the next, so that each thing is judged once. */
function alike(text: string): string {
  return text
    .replaceAll(/[0-9a-f]{32,64}/g, "<hex>")
    .replaceAll(/[0-9a-hjkmnp-tv-z]{26}/g, "<id>")
    .replaceAll(/\d{4}-\d{2}-\d{2}(?:T[\d:.]+Z)?/g, "<time>")
    .replaceAll(/#\d\b|\.\d+"/g, "#<n>");
}

function oncePerKind(calls: readonly AwsCall[]): Asked[] {
  const kept = new Map<string, Asked>();
  for (const { caller, session, at, ...call } of calls) {
    const asker = { function: caller, ...(session && { session }) };
    for (const request of iamRequestsOf(call)) {
      const kind = alike(JSON.stringify([asker, request]));
      const name = `${call.adapter} ${call.command}`;
      if (!kept.has(kind)) kept.set(kind, { asker, request, at, call: name });
    }
  }
  return [...kept.values()];
}

/** The same where the clusters and their roles are another account's. */
function inAccount<T>(to: string, value: T): T {
  const text = JSON.stringify(value)
    .replaceAll(/(arn:aws:(?:ecs|ssm):us-east-1:)\d{12}/g, `$1${to}`)
    .replaceAll(/\d{12}(:role\/(?!sallyport\/sallyport-lambda-))/g, `${to}$1`);
  return JSON.parse(text) as T;
}

const roleNameOf = ({ function: name, session }: Asker): string =>
  session?.roleArn.split("/").at(-1) ?? `sallyport-lambda-${name}`;
const nameOf = ({ asker, request }: { asker: Asker; request: IamRequest }): string =>
  `${roleNameOf(asker)}: ${request.action} on ${request.resource} ${JSON.stringify(request.context)}`;

/** Roles of the account that are not ours: one with every right, and one that whoever has the right may assume. */
const others: TemplateRole[] = [
  {
    name: "administrator",
    arn: ADMINISTRATOR,
    account,
    trust: [],
    policies: [{ name: "all", statements: [{ Effect: "Allow", Action: ["*"], Resource: ["*"] }] }],
  },
  {
    name: "deployer",
    arn: DEPLOYER,
    account,
    trust: [
      {
        Effect: "Allow",
        Principal: { AWS: `arn:aws:iam::${account}:root` },
        Action: ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"],
      },
    ],
    policies: [],
  },
];

/**
 * What could reach further and nobody would gain by it: AWS's own use of the stream and the queue takes the same
 * rights of this role, without a condition.
 */
const gainsNothing = new Set([
  "sallyport-lambda-projector, key, TablesAreEncrypted: without StringEquals kms:ViaService",
  "sallyport-lambda-sweeper, key, TablesAreEncrypted: without StringEquals kms:ViaService",
]);

/** Whether a mutation can change the answer to a question. */
function touches(
  { role, resource, actions }: Mutation,
  { asker, request }: { asker: Asker; request: IamRequest },
): boolean {
  return (
    (role === undefined || role === roleNameOf(asker)) &&
    (resource === undefined || resource === request.resource) &&
    actions.some((action) =>
      action.endsWith("*")
        ? request.action.startsWith(action.slice(0, -1))
        : action === request.action,
    )
  );
}

/** Actions that a role of ours is granted, or a trust grants, and that no call took. */
function unusedActions({ roles }: TemplatePolicies, asked: readonly Asked[]): string[] {
  const used = new Set(
    asked.flatMap(({ asker, request: { action, resource } }) => [
      `${roleNameOf(asker)} ${action}`,
      `the trust of ${resource} ${action}`,
    ]),
  );
  return roles.flatMap(({ name, arn, policies, trust }) => {
    const granted = policies
      .flatMap(({ statements }) => statements)
      .filter(({ Effect: effect }) => effect === "Allow")
      .flatMap((statement) =>
        statement.Action.filter((action) => serviceMadeBy(name, statement, action) === undefined),
      )
      .map((action) => `${name} ${action}`);
    const trusted = trust
      .filter((statement) => !isOfServices(statement))
      .flatMap((statement) => statement.Action)
      .map((action) => `the trust of ${arn} ${action}`);
    return [...granted, ...trusted].filter((grant) => !used.has(grant));
  });
}

describe.skipIf(!engineHere)("least privilege", () => {
  let toured: Tour;
  let calls: AwsCall[];
  let asked: Asked[];
  let forbidden: Forbidden[];
  /** Sessions that the gateway began, with the policies it sent. */
  let sent: { [of in "exec" | "end" | "stop"]: RoleSession };
  /** When the credentials of `sent.exec` were still of use. */
  let openedAt: number;
  /** By the account whose clusters it is for. */
  const policies: { [targetAccount: string]: TemplatePolicies } = {};
  const at = (targetAccount: string): TemplatePolicies =>
    policies[targetAccount] ?? { roles: [], resources: [], outputs: [] };

  beforeAll(async () => {
    const recording = recordAwsCalls((key) => /^AKIA([A-Z]+)$/.exec(key)?.[1]?.toLowerCase());
    try {
      toured = await tour();
    } finally {
      recording.stop();
      calls = recording.calls;
    }
    asked = oncePerKind(calls);
    for (const targetAccount of [account, elsewhere]) {
      const { outdir, templates } = synthesized(deployed(targetAccount));
      policies[targetAccount] = templatePolicies(templates);
      rmSync(outdir, { recursive: true });
    }
    const sessionOf = (command: string, by: string): RoleSession => {
      const found = calls.find((call) => call.command === command && call.caller === by);
      if (found?.session === undefined) throw new Error(`${by} never made a ${command}`);
      return found.session;
    };
    sent = {
      exec: sessionOf("ExecuteCommandCommand", "exec"),
      end: sessionOf("TerminateSessionCommand", "exec"),
      stop: sessionOf("StopTaskCommand", "sweeper"),
    };
    openedAt = calls.find(({ session }) => session === sent.exec)?.at ?? Number.NaN;
    forbidden = forbiddenRequests(sent);
  }, 180_000);
  afterAll(() => toured?.close());

  const allowed = (of: TemplatePolicies, one: Asked): Promise<boolean> =>
    allows(of, one.asker, one.request, { stsEndpointId, at: one.at });
  const allowedAllTheSame = (of: TemplatePolicies, one: Forbidden): Promise<boolean> =>
    allows({ ...of, roles: [...of.roles, ...others] }, one.asker, one.request, {
      at: one.at ?? openedAt,
      stsEndpointId: one.from === "elsewhere" ? "vpce-00000000000000000" : stsEndpointId,
    });
  const filtered = async <T>(items: readonly T[], test: (item: T) => Promise<boolean>) => {
    const kept: T[] = [];
    for (const item of items) if (await test(item)) kept.push(item);
    return kept;
  };
  const some = async <T>(items: readonly T[], test: (item: T) => Promise<boolean>) => {
    for (const item of items) if (await test(item)) return true;
    return false;
  };

  describe("what the functions do", () => {
    it("is every route, by what it is for", () => {
      const left = routes.filter(({ name }) => !toured.served.has(name)).map(({ name }) => name);
      expect(left, "kit/tour.ts calls no route of these names to what it is for").toEqual([]);
    });

    it("is every call that stands in their code, but for those that a function never makes", () => {
      const seen = new Set(
        calls.map(({ caller, ...of }) => `${caller} ${of.adapter} ${of.command}`),
      );
      const key = (one: PossibleCall) => `${one.adapter} ${one.command}`;
      const possible = possibleCalls();
      const isExcepted = (one: PossibleCall) =>
        neverMade[key(one)]?.by.includes(one.function) === true;
      const name = (one: PossibleCall) => `${one.function} ${key(one)}`;
      expect(
        functionNames.toSorted(),
        "what a function may not do stands in kit/iam/forbidden-*.ts, for each there is",
      ).toEqual(functionsHere.toSorted());
      expect(
        possible.filter((one) => !seen.has(name(one)) && !isExcepted(one)).map(name),
        "the tour never makes these calls: go that way in kit/tour.ts, or say in neverMade why not",
      ).toEqual([]);
      expect(
        possible.filter((one) => seen.has(name(one)) && isExcepted(one)).map(name),
        "these calls are made, and stand in neverMade",
      ).toEqual([]);
      const excepted = Object.entries(neverMade).flatMap(([call, { by }]) =>
        by.map((one) => `${one} ${call}`),
      );
      const known = new Set(possible.map(name));
      expect(
        excepted.filter((one) => !known.has(one)),
        "no such call in the code",
      ).toEqual([]);
      // What was seen and stands nowhere was sent by something that is no adapter.
      expect([...seen].filter((one) => !known.has(one))).toEqual([]);
    });

    it("is read from the code under whatever name a command goes there", () => {
      const of = (text: string) => () => commandsIn("x.ts", text);
      expect(
        of(`import { type A, DeleteItemCommand as Gone, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { PutItemCommand } from "@aws-sdk/client-dynamodb";`)(),
      ).toEqual(["DeleteItemCommand"]);
      for (const other of [
        'import * as sdk from "@aws-sdk/client-dynamodb";',
        'export { DeleteItemCommand } from "@aws-sdk/client-dynamodb";',
        'import { DynamoDB } from "@aws-sdk/client-dynamodb";',
        'const { DeleteItemCommand } = await import("@aws-sdk/client-dynamodb");',
      ]) {
        expect(of(other), other).toThrow(/^x\.ts: /);
      }
    });

    it.each([
      ["in the gateway's own account", account],
      ["in another", elsewhere],
    ])("is allowed, with clusters %s", async (_, targetAccount) => {
      const all = asked.map((one) => inAccount(targetAccount, one));
      expect(all.length).toBeGreaterThan(150);
      const denied = await filtered(all, async (one) => !(await allowed(at(targetAccount), one)));
      expect(denied.map(nameOf)).toEqual([]);
    });
  });

  describe("what they may do", () => {
    it("is nothing that they never do", () => {
      expect(unusedActions(at(account), asked)).toEqual([]);
    });

    it("is, beside that, what AWS does by their roles, and each of that", () => {
      const { roles } = at(account);
      const used = new Set(
        roles.flatMap(({ name, policies: all }) =>
          all
            .flatMap(({ statements }) => statements)
            .flatMap((one) => one.Action.map((action) => serviceMadeBy(name, one, action))),
        ),
      );
      expect(serviceMade.filter((one) => !used.has(one)).map(({ by }) => by)).toEqual([]);
    });

    it("is nothing of what their code could do and never does", async () => {
      const held = await filtered(asked, async (one) => {
        const others = neverMade[one.call]?.by ?? [];
        if (one.asker.session !== undefined) return false;
        return await some(others, (name) =>
          allowed(at(account), { ...one, asker: { function: name } }),
        );
      });
      // Some of what others write by the same call, a function writes in another.
      const own = held.filter(({ call }) => !call.endsWith("TransactWriteItemsCommand"));
      expect(own.map(nameOf)).toEqual([]);
    });
  });

  it("what nobody may do is denied", async () => {
    expect(forbidden.length).toBeGreaterThan(1_000);
    const open = await filtered(forbidden, (one) => allowedAllTheSame(at(account), one));
    expect(open.map((one) => `${one.what}: ${nameOf(one)}`)).toEqual([]);
  }, 180_000);

  it("a function may be called by API Gateway and by no person, and the API alone by callers", async () => {
    const { outputs, resources } = at(account);
    const functions = resources.filter(({ type }) => type === "AWS::Lambda::Permission");
    expect(functions.length).toBeGreaterThanOrEqual(4);
    for (const policy of outputs) {
      for (const { of } of functions) {
        const request = { action: "lambda:InvokeFunction", resource: of, context: {} };
        expect(await allowsBy(at(account), policy, request), `${policy.name} ${of}`).toBe(false);
      }
      for (const [action, resource] of [
        [
          "execute-api:Invoke",
          `arn:aws:execute-api:us-east-1:${account}:other00000/$default/GET/v1/whoami`,
        ],
        ["dynamodb:Query", `arn:aws:dynamodb:us-east-1:${account}:table/events`],
        ["ecs:ExecuteCommand", `arn:aws:ecs:us-east-1:${account}:cluster/demo`],
        ["sts:AssumeRole", `arn:aws:iam::${account}:role/sallyport/sallyport-exec`],
      ] as const) {
        expect(await allowsBy(at(account), policy, { action, resource, context: {} })).toBe(false);
      }
    }
    expect(outputs.map(({ name }) => name).toSorted()).toEqual([
      "BreakGlassPolicy",
      "CallerPolicy",
    ]);
    const own = {
      action: "execute-api:Invoke",
      resource: `arn:aws:execute-api:us-east-1:${account}:api0123456/$default/GET/v1/whoami`,
      context: {},
    };
    const caller = outputs.filter(({ name }) => name === "CallerPolicy");
    expect(await some(caller, (policy) => allowsBy(at(account), policy, own))).toBe(true);
  });

  describe("of the policies themselves", () => {
    it("none has a grant that could go without a call being denied", async () => {
      const there = asked.map((one) => inAccount(elsewhere, one));
      const mutations = narrowed(at(elsewhere));
      expect(mutations.length).toBeGreaterThan(100);
      const unnoticed = await filtered(
        mutations,
        async (mutation) =>
          !(await some(
            there.filter((one) => touches(mutation, one)),
            async (one) => !(await allowed(mutation.policies, one)),
          )),
      );
      expect(unnoticed.map(({ what }) => what)).toEqual([]);
    }, 180_000);

    it("none could reach further without a forbidden thing being allowed, or an action unused", async () => {
      const all = widened(at(account));
      const named = new Set(all.map(({ what }) => what));
      expect([...gainsNothing].filter((what) => !named.has(what))).toEqual([]);
      const mutations = all.filter(({ what }) => !gainsNothing.has(what));
      expect(mutations.length).toBeGreaterThan(150);
      const unnoticed = await filtered(
        mutations,
        async (mutation) =>
          unusedActions(mutation.policies, asked).length === 0 &&
          !(await some(
            forbidden.filter((one) => touches(mutation, one)),
            (one) => allowedAllTheSame(mutation.policies, one),
          )),
      );
      expect(unnoticed.map(({ what }) => what)).toEqual([]);
    }, 300_000);

    it.each(["exec", "end", "stop"] as const)(
      "the one that is sent to %s holds by itself, and could not reach further unnoticed",
      async (name) => {
        const { policy, ...bare } = sent[name];
        const { Statement: statements } = policy as { Statement: Statement[] };
        const alone: TemplatePolicies = {
          ...at(account),
          roles: at(account).roles.map((role) =>
            role.arn === bare.roleArn
              ? { ...role, policies: [{ name: "sent", statements }] }
              : role,
          ),
        };
        const its = forbidden
          .filter(({ asker }) => asker.session === sent[name])
          .map((one) => ({ ...one, asker: { ...one.asker, session: bare } }));
        const open = await filtered(its, (one) => allowedAllTheSame(alone, one));
        expect(open.map((one) => `${one.what}: ${nameOf(one)}`)).toEqual([]);
        const mutations = widened(alone).filter(({ what }) => what.includes(", sent, "));
        expect(mutations.length).toBeGreaterThan(1);
        const unnoticed = await filtered(
          mutations,
          async (mutation) =>
            unusedActions(mutation.policies, asked).length === 0 &&
            !(await some(its, (one) => allowedAllTheSame(mutation.policies, one))),
        );
        expect(unnoticed.map(({ what }) => what)).toEqual([]);
      },
    );
  });
});
