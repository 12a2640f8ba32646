import { runSimulation } from "@cloud-copilot/iam-simulate";
import type { Asker, IamRequest } from "./requests.ts";
import type { Policy, Statement, TemplatePolicies, TemplateRole } from "./template-policies.ts";

/** Whose answer it is, beside the policies: what a request carries wherever it is made. */
export interface Surroundings {
  /** The VPC endpoint of STS, where the functions are in a VPC. */
  stsEndpointId?: string;
  /** By a role's ARN, in place of its own. */
  at: number;
}

const everything = {
  orgIdentifier: "root",
  policies: [
    {
      name: "FullAWSAccess",
      policy: document([{ Effect: "Allow", Action: ["*"], Resource: ["*"] }]),
    },
  ],
};

/**
 * Whether IAM would allow a request under these policies: those of the role that asks, its session's, and those of
 * what it asks for: a table's own, a role's trust. Throws where the evaluator takes the request or a policy for wrong.
 */
export async function allows(
  policies: TemplatePolicies,
  asker: Asker,
  request: IamRequest,
  { stsEndpointId, at }: Surroundings,
): Promise<boolean> {
  const { session } = asker;
  const role = roleOf(
    policies,
    session?.roleArn ?? `role/sallyport/sallyport-lambda-${asker.function}`,
  );
  const sessionName = session?.name ?? asker.function;
  const assumed = policies.roles.find(({ arn }) => arn === request.resource);
  // An evaluator that is given no trust takes it for one that is not known.
  if (assumed?.trust.length === 0 && request.action.startsWith("sts:")) return false;
  const answer = await runSimulation(
    {
      request: {
        principal: `arn:aws:sts::${role.account}:assumed-role/${role.name}/${sessionName}`,
        action: request.action,
        resource: { resource: request.resource, accountId: accountOf(request.resource, role) },
        contextVariables: {
          "aws:PrincipalArn": role.arn,
          "aws:PrincipalAccount": role.account,
          "aws:userid": `AROAEXAMPLE:${sessionName}`,
          "aws:CurrentTime": new Date(at).toISOString(),
          ...(request.action.startsWith("sts:") && stsEndpointId !== undefined
            ? { "aws:SourceVpce": stsEndpointId }
            : {}),
          ...Object.fromEntries(
            Object.entries(session?.tags ?? {}).map(([key, value]) => [
              `aws:PrincipalTag/${key}`,
              value,
            ]),
          ),
          ...(session?.sourceIdentity === undefined
            ? {}
            : { "aws:SourceIdentity": session.sourceIdentity }),
          ...request.context,
        },
      },
      identityPolicies: role.policies.map(({ name, statements }) => ({
        name,
        policy: document(statements),
      })),
      serviceControlPolicies: [everything],
      resourceControlPolicies: [],
      ...(session?.policy === undefined ? {} : { sessionPolicy: session.policy }),
      ...policyOfResource(policies, request.resource),
    },
    {},
  );
  if (answer.resultType === "error") {
    throw new Error(`${request.action} on ${request.resource}: ${JSON.stringify(answer.errors)}`);
  }
  const results = answer.resultType === "single" ? [answer.result] : answer.results;
  const unheard = results
    .flatMap(({ ignoredContextKeys = [] }) => ignoredContextKeys)
    .filter((name) => name in request.context);
  if (unheard.length > 0) throw new Error(`${request.action} knows no ${unheard.join(", ")}`);
  return answer.overallResult === "Allowed";
}

/** Whether a policy that somebody of the account attaches to a role of theirs lets them do this. */
export async function allowsBy(
  policies: TemplatePolicies,
  policy: Policy,
  request: IamRequest,
): Promise<boolean> {
  const arn = "arn:aws:iam::111122223333:role/somebody";
  const own: TemplateRole = {
    name: "somebody",
    arn,
    account: "111122223333",
    trust: [],
    policies: [policy],
  };
  return await allows(
    { ...policies, roles: [...policies.roles, own] },
    { function: "", session: { roleArn: arn, name: "somebody", tags: {} } },
    request,
    { at: Date.now() },
  );
}

function roleOf(policies: TemplatePolicies, arn: string): TemplateRole {
  const found = policies.roles.find((role) => role.arn.endsWith(arn));
  if (found === undefined) throw new Error(`no template makes the role ${arn}`);
  return found;
}

function policyOfResource(
  { roles, resources }: TemplatePolicies,
  arn: string,
): { resourcePolicy?: object } {
  const trust = roles.find((role) => role.arn === arn)?.trust;
  const own = resources.filter(({ of }) => of === arn).flatMap(({ statements }) => statements);
  const statements = trust ?? own;
  return statements.length === 0 ? {} : { resourcePolicy: document(statements) };
}

function accountOf(arn: string, role: TemplateRole): string {
  return arn.split(":")[4] || role.account;
}

function document(Statement: Statement[]): object {
  return { Version: "2012-10-17", Statement };
}
