import { readFileSync } from "node:fs";
import { basename } from "node:path";

/*
 * The policies of synthesized templates with their references resolved, so that an evaluator and a reader can be given
 * them: every role with its trust and everything it may do, every policy of a resource, and those the outputs hand over.
 */

export interface Statement {
  Sid?: string;
  Effect: "Allow" | "Deny";
  Principal?: "*" | { [kind: string]: string | string[] };
  Action: string[];
  /** In service control policies: all actions but these. */
  NotAction?: string[];
  Resource?: string[];
  NotResource?: string[];
  Condition?: { [operator: string]: { [key: string]: string | string[] } };
}

export interface Policy {
  name: string;
  statements: Statement[];
}

export interface TemplateRole {
  name: string;
  arn: string;
  account: string;
  trust: Statement[];
  policies: Policy[];
}

export interface TemplatePolicies {
  roles: TemplateRole[];
  /** Of tables, queues, topics, keys, functions and buses: by what it is of. */
  resources: { type: string; of: string; account: string; statements: Statement[] }[];
  /** Policies for others to attach, by the output's name. */
  outputs: Policy[];
}

interface Resource {
  Type: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- templates are read member by member
  Properties: any;
}
interface Template {
  Resources: { [id: string]: Resource };
  Outputs?: { [name: string]: { Value: unknown } };
}

/** The account and region of the documentation's home, and of whatever a target stack is named for. */
function placeOf(file: string): { account: string; region: string } {
  const [, account = "111122223333", region = "us-east-1"] =
    /Target-(\d{12})-([a-z0-9-]+)\.template/.exec(basename(file)) ?? [];
  return { account, region };
}

/** Throws for a reference or a kind of policy that is not known here, rather than pass over it. */
export function templatePolicies(files: readonly string[]): TemplatePolicies {
  const all: TemplatePolicies = { roles: [], resources: [], outputs: [] };
  for (const file of files) {
    const template = JSON.parse(readFileSync(file, "utf8")) as Template;
    const place = placeOf(file);
    const resolve = resolver(template, place);
    for (const [id, { Type: type, Properties: properties }] of Object.entries(template.Resources)) {
      if (type === "AWS::IAM::Role") {
        all.roles.push(roleOf(template, id, place.account, resolve));
      }
      for (const { of, document } of resourcePolicies(id, type, properties)) {
        const [name, resolved] = [resolve(of), resolve(document)];
        all.resources.push({
          type,
          of: String(name),
          account: place.account,
          statements: statementsOf(resolved),
        });
      }
    }
    for (const [name, { Value: value }] of Object.entries(template.Outputs ?? {})) {
      const text = resolve(value);
      if (typeof text === "string" && text.includes('"Statement"')) {
        all.outputs.push({ name, statements: statementsOf(JSON.parse(text)) });
      }
    }
  }
  return all;
}

type Resolve = (value: unknown) => unknown;

function roleOf(template: Template, id: string, account: string, resolve: Resolve): TemplateRole {
  const role = template.Resources[id]?.Properties;
  if ((role.ManagedPolicyArns ?? []).length > 0) {
    throw new Error(`${id}: a managed policy, of which nobody here knows what it allows`);
  }
  const inline: { PolicyName: string; PolicyDocument: unknown }[] = role.Policies ?? [];
  const attached = Object.entries(template.Resources)
    .filter(([, { Type, Properties }]) => {
      if (Type === "AWS::IAM::ManagedPolicy") throw new Error("managed policies are not read here");
      return Type === "AWS::IAM::Policy" && JSON.stringify(Properties.Roles).includes(`"${id}"`);
    })
    .map(([, { Properties }]) => Properties);
  return {
    name: role.RoleName ?? id,
    arn: `arn:aws:iam::${account}:role${role.Path ?? "/"}${role.RoleName ?? id}`,
    account,
    trust: statementsOf(resolve(role.AssumeRolePolicyDocument)),
    policies: [...inline, ...attached].map(({ PolicyName, PolicyDocument }) => ({
      name: PolicyName,
      statements: statementsOf(resolve(PolicyDocument)),
    })),
  };
}

/** What a resource says about who may use it; nothing where it says nothing. */
function resourcePolicies(
  id: string,
  type: string,
  properties: Resource["Properties"],
): { of: unknown; document: unknown }[] {
  const own = { "Fn::GetAtt": [id, "Arn"] };
  switch (type) {
    case "AWS::DynamoDB::GlobalTable":
      return (properties.Replicas as Resource["Properties"][]).flatMap(
        ({ ResourcePolicy: policy }) =>
          policy === undefined ? [] : [{ of: own, document: policy.PolicyDocument }],
      );
    case "AWS::KMS::Key":
      return [{ of: own, document: properties.KeyPolicy }];
    case "AWS::SQS::QueuePolicy":
      return [{ of: properties.Queues[0], document: properties.PolicyDocument }];
    case "AWS::SNS::TopicPolicy":
      return [{ of: properties.Topics[0], document: properties.PolicyDocument }];
    case "AWS::Events::EventBusPolicy":
      return [{ of: properties.EventBusName, document: { Statement: [properties.Statement] } }];
    // Of the organization: what nobody below it may do.
    case "AWS::Organizations::Policy":
      return [{ of: `the organization (${properties.Name})`, document: properties.Content }];
    case "AWS::Logs::ResourcePolicy":
      return [{ of: `CloudWatch Logs (${id})`, document: properties.PolicyDocument }];
    case "AWS::Lambda::Permission": {
      const { Action, FunctionName, Principal, SourceArn } = properties;
      const statement = {
        Effect: "Allow",
        Principal: { Service: Principal },
        Action,
        Resource: FunctionName,
        ...(SourceArn === undefined
          ? {}
          : { Condition: { ArnLike: { "aws:SourceArn": SourceArn } } }),
      };
      return [{ of: FunctionName, document: { Statement: [statement] } }];
    }
    default:
      if (/Policy$|Policies$/.test(type) && type !== "AWS::IAM::Policy") {
        throw new Error(`${type}: a policy that is not read here`);
      }
      return [];
  }
}

function statementsOf(given: unknown): Statement[] {
  const document = typeof given === "string" ? (JSON.parse(given) as unknown) : given;
  const list = (value: string | string[] | undefined): string[] => [value ?? []].flat();
  const { Statement: statements } = document as { Statement: Resource["Properties"][] };
  return statements.map(({ Action, NotAction, Resource: on, NotResource, ...rest }) => ({
    ...rest,
    Action: list(Action),
    ...(NotAction === undefined ? {} : { NotAction: list(NotAction) }),
    ...(on === undefined ? {} : { Resource: list(on) }),
    ...(NotResource === undefined ? {} : { NotResource: list(NotResource) }),
  }));
}

function resolver(template: Template, { account, region }: ReturnType<typeof placeOf>): Resolve {
  const pseudo: { [name: string]: string } = {
    "AWS::Partition": "aws",
    "AWS::Region": region,
    "AWS::AccountId": account,
    "AWS::URLSuffix": "amazonaws.com",
  };
  const typeOf = (id: string): string => {
    const found = template.Resources[id]?.Type;
    if (found === undefined) throw new Error(`a reference to ${id}, which is not in the template`);
    return found;
  };
  const arnOf = (id: string): string => {
    const at = (service: string, rest: string) => `arn:aws:${service}:${region}:${account}:${rest}`;
    const { Properties: properties } = template.Resources[id] as Resource;
    switch (typeOf(id)) {
      case "AWS::DynamoDB::GlobalTable":
        return at("dynamodb", `table/${tableName(id)}`);
      case "AWS::Lambda::Function":
        return at("lambda", `function:${stem(id, "Function")}`);
      case "AWS::SQS::Queue":
        return at("sqs", stem(id));
      case "AWS::SNS::Topic":
        return at("sns", stem(id));
      case "AWS::KMS::Key":
        return at("kms", "key/11111111-2222-3333-4444-555555555555");
      case "AWS::Logs::LogGroup":
        return at("logs", `log-group:${stem(id)}:*`);
      case "AWS::Events::EventBus":
        return at("events", `event-bus/${properties.Name}`);
      case "AWS::Events::Rule":
        return at("events", `rule/${stem(id)}`);
      case "AWS::S3::Bucket":
        return `arn:aws:s3:::${stem(id).toLowerCase()}`;
      case "AWS::IAM::Role":
        return `arn:aws:iam::${account}:role${properties.Path ?? "/"}${properties.RoleName}`;
      default:
        throw new Error(`the ARN of a ${typeOf(id)}: not known here`);
    }
  };
  const resolve: Resolve = (value) => {
    if (Array.isArray(value)) return value.map(resolve);
    if (typeof value !== "object" || value === null) return value;
    const [[name, operand] = ["", undefined], ...more] = Object.entries(value);
    if (more.length === 0 && name === "Ref") {
      const id = String(operand);
      if (pseudo[id] !== undefined) return pseudo[id];
      const type = typeOf(id);
      if (type === "AWS::ApiGatewayV2::Api") return "api0123456";
      if (type === "AWS::SNS::Topic" || type === "AWS::SQS::Queue") return arnOf(id);
      if (type === "AWS::DynamoDB::GlobalTable") return tableName(id);
      if (type === "AWS::Events::EventBus") return arnOf(id);
      return stem(id);
    }
    if (more.length === 0 && name === "Fn::GetAtt") {
      const [id = "", attribute = ""] = operand as string[];
      if (attribute === "Arn" || attribute === "TopicArn") return arnOf(id);
      if (attribute === "StreamArn") return `${arnOf(id)}/stream/2026-11-30T00:00:00.000`;
      return `${stem(id)}.${attribute}`;
    }
    if (more.length === 0 && name === "Fn::Join") {
      const [separator, parts] = operand as [string, unknown[]];
      return parts.map(resolve).join(separator);
    }
    if (name.startsWith("Fn::")) throw new Error(`${name}: not resolved here`);
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, resolve(one)]));
  };
  return resolve;
}

/** As the tests' own tables are named: `EventsTable4B7491D3` is `events`. */
function tableName(id: string): string {
  return stem(id, "Table").toLowerCase();
}

/** A logical id without the hash that the CDK ends it with, and without what it is. */
function stem(id: string, ending = ""): string {
  const name = id.replace(/[0-9A-F]{8}$/, "");
  return ending !== "" && name.endsWith(ending) ? name.slice(0, -ending.length) : name;
}
