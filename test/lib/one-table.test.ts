import { readFileSync, rmSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  environmentVariables,
  functionEnvironment,
  type ToldFunctions,
} from "../../core/function-environment.ts";
import type { Issuer } from "../../core/token.ts";
import { settingsFrom } from "../../lambdas/settings.ts";
import { readDeploymentConfiguration } from "../../lib/deployment-configuration.ts";
import { toldFunctions } from "../../lib/told-functions.ts";
import { type FrontDoor, startFrontDoor } from "../../local/front-door.ts";
import { environmentHere } from "../../local/functions.ts";
import { exampleConfigurations, synthesizedExample } from "../kit/synthesized-example.ts";

/*
 * The stacks and the local gateway take routes, authorizers and variables from the same tables. Whichever of them had
 * something else would be found here.
 */

type Properties = { [name: string]: unknown };

interface Deployed {
  issuers: Issuer[];
  variables: { [name: string]: unknown }[];
  /** `GET /v1/whoami`, with who guards it: `IAM`, or an issuer. */
  routes: Map<string, string>;
}

function deployed(example: string): Deployed {
  const { outdir, templates } = synthesizedExample(example);
  const resources = templates.flatMap((file) => {
    const { Resources: all } = JSON.parse(readFileSync(file, "utf8")) as {
      Resources: { [id: string]: { Type: string; Properties: Properties } };
    };
    return Object.entries(all).map(([id, one]) => ({ id, ...one }));
  });
  rmSync(outdir, { recursive: true });
  const of = (type: string) => resources.filter(({ Type }) => Type === type);
  const issuerBy = new Map(
    of("AWS::ApiGatewayV2::Authorizer").map(({ id, Properties: authorizer }) => [
      id,
      (authorizer["JwtConfiguration"] as { Issuer: string }).Issuer,
    ]),
  );
  const file = readFileSync(new URL(`../../examples/${example}`, import.meta.url), "utf8");
  return {
    issuers: readDeploymentConfiguration(JSON.parse(file)).oidc,
    variables: of("AWS::Lambda::Function").flatMap(({ Properties: { Environment: of } }) =>
      of === undefined ? [] : [(of as { Variables: Properties }).Variables],
    ),
    routes: new Map(
      of("AWS::ApiGatewayV2::Route").map(({ Properties: route }) => [
        String(route["RouteKey"]),
        route["AuthorizationType"] === "AWS_IAM"
          ? "IAM"
          : (issuerBy.get((route["AuthorizerId"] as { Ref: string }).Ref) ?? "nobody"),
      ]),
    ),
  };
}

/** Variables of Node's own. */
const NODES = new Set(["NODE_OPTIONS"]);
/** What only some deployments have. */
const SWITCHES = new Set<string>([environmentVariables.identityCenter, environmentVariables.rates]);

describe.each(exampleConfigurations)("examples/%s and the local gateway", (example) => {
  let stack: Deployed;
  let frontDoor: FrontDoor;
  beforeAll(async () => {
    stack = deployed(example);
    const unreached = async () => {
      throw new Error("an unsigned call came through");
    };
    frontDoor = await startFrontDoor({
      port: 0,
      region: "us-east-1",
      functions: { requests: unreached, decide: unreached, exec: unreached },
      secretOf: () => undefined,
      callerOf: () => undefined,
      issuers: stack.issuers,
      random: (n) => new Uint8Array(n),
      now: () => Date.now(),
      log: { info: () => undefined, error: () => undefined },
    });
  });
  afterAll(() => frontDoor?.close());

  /** Who guards a route here, by how it refuses a call without anything to show. */
  async function guardHere(method: string, path: string): Promise<string> {
    const answer = await fetch(`http://127.0.0.1:${frontDoor.port}${path}`, { method });
    await answer.arrayBuffer();
    return { 404: "no route", 403: "IAM", 401: "a token" }[answer.status] ?? `${answer.status}`;
  }
  const concrete = (path: string): string => path.replaceAll(/\{\w+\}/g, "some-id");

  it("tell their functions the same", () => {
    const here = (name: "requests" | "watcher"): string[] =>
      Object.keys(environmentHere(name, { eventsArn: "arn" })).toSorted();
    expect(stack.variables.length).toBeGreaterThanOrEqual(6);
    const theirs = stack.variables.map((variables) =>
      Object.keys(variables)
        .filter((name) => !NODES.has(name) && !SWITCHES.has(name))
        .toSorted(),
    );
    // The log of who called is the watcher's to read, and nobody else is told its name.
    const reads = (names: string[]): boolean => names.includes(environmentVariables.accessLog);
    expect(theirs.filter(reads)).toEqual([here("watcher")]);
    for (const names of theirs.filter((one) => !reads(one)))
      expect(names).toEqual(here("requests"));
  });

  it("have the same routes, each guarded alike", async () => {
    expect(stack.routes.size).toBeGreaterThan(20);
    for (const [key, guard] of stack.routes) {
      const [method = "", path = ""] = key.split(" ");
      const wanted = guard === "IAM" ? "IAM" : "a token";
      expect([key, await guardHere(method, concrete(path))]).toEqual([key, wanted]);
    }
  });

  it("have no others", async () => {
    const keys = [...stack.routes.keys()].map((key) => key.split(" ") as [string, string]);
    const paths = new Set(keys.map(([, path]) => path));
    const prefixes = ["/web", "/web/corp", "/web/github", "/web/other"];
    for (const path of [...paths, ...prefixes.map((prefix) => `${prefix}/v1/whoami`)]) {
      for (const method of ["GET", "POST", "PUT", "DELETE"]) {
        const isThere = stack.routes.has(`${method} ${path}`);
        const guard = await guardHere(method, concrete(path));
        expect([method, path, guard !== "no route"]).toEqual([method, path, isThere]);
      }
    }
  });
});

it("functions are told what is configured for them, each of it", () => {
  const oidc = [{ name: "ci", issuer: "https://ci.example", audience: "us", kind: "programs" }];
  const one = { account: "111122223333", region: "us-east-1" };
  const configured = {
    home: one,
    clusters: ["us-east-1", "eu-west-1"].map(
      (region) => `arn:aws:ecs:${region}:${one.account}:cluster/prod`,
    ),
    bootstrap: [
      { person: "olga", principal: { account: one.account, uniqueId: "AIDACKCEVSQ6C2EXAMPLE" } },
    ],
    trustedRoles: [{ account: one.account, roleId: "AROACKCEVSQ6C2EXAMPLE" }],
    oidc,
    mayStopTasks: true,
    deepPreflight: true,
    identityCenter: { identityStoreId: "d-1234567890", region: "eu-west-1" },
    rates: { write: 10, read: 20, target: 30 },
  };
  const made = {
    eventsTable: "events",
    eventsTableArn: "arn:events",
    viewsTable: "views",
    stateTable: "state",
    apiId: "api0123456",
  };
  const { home: _, oidc: issuers, ...same } = configured;
  expect(toldFunctions(readDeploymentConfiguration(configured), made)).toEqual({
    ...made,
    ...same,
    issuers,
    partition: "aws",
    places: [one, { ...one, region: "eu-west-1" }],
  });
});

it("whatever a function is told, it reads as it was told", () => {
  const told: ToldFunctions = {
    eventsTable: "events",
    eventsTableArn: "arn:events",
    viewsTable: "views",
    stateTable: "state",
    apiId: "api0123456",
    partition: "aws-us-gov",
    places: [{ account: "111122223333", region: "us-gov-west-1" }],
    clusters: ["arn:aws-us-gov:ecs:us-gov-west-1:444455556666:cluster/prod"],
    bootstrap: [{ person: "olga", principal: { account: "111122223333", uniqueId: "AIDA1" } }],
    trustedRoles: [{ account: "111122223333", roleId: "AROA1" }],
    issuers: [{ name: "corp", issuer: "https://corp", audience: "sallyport", kind: "people" }],
    mayStopTasks: true,
    deepPreflight: true,
    accessLog: "calls",
    identityCenter: { identityStoreId: "d-1234567890", region: "eu-west-1" },
    rates: { write: 1, read: 2, target: 3 },
  };
  const roles = "arn:aws-us-gov:iam::444455556666:role/sallyport/sallyport-";
  const { deployment, ...read } = settingsFrom(functionEnvironment(told));
  expect(read).toEqual({
    eventsTable: "events",
    eventsTableArn: "arn:events",
    viewsTable: "views",
    stateTable: "state",
    readRoleArns: { "444455556666": `${roles}read` },
    execRoleArns: { "444455556666": `${roles}exec` },
    endRoleArns: { "444455556666": `${roles}end` },
    identityCenter: told.identityCenter,
    rates: told.rates,
    deepPreflight: true,
    accessLog: "calls",
  });
  expect(deployment).toEqual({
    api: { id: "api0123456", account: "111122223333", stage: "$default" },
    territory: { partition: "aws-us-gov", places: told.places },
    clusters: told.clusters,
    bootstrap: told.bootstrap,
    trustedRoles: told.trustedRoles,
    issuers: told.issuers,
    mayStopTasks: true,
  });
});
