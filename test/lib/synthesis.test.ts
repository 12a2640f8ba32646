import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rulesHere } from "../../local/rules-here.ts";
import { engineHere } from "../kit/engine.ts";
import { startTestGateway } from "../kit/gateway.ts";
import { emptyHandler } from "../kit/load-bundles.ts";
import { loneBundle } from "../kit/lone-bundle.ts";

/*
 * The app as it is run, bundles and all. One run serves the whole file: it takes seconds.
 */

const root = fileURLToPath(new URL("../..", import.meta.url));
let out: string;
let printed: string;
let template: { Resources: { [id: string]: { Type: string; Properties: Properties } } };

interface Properties {
  Code?: { S3Key: string };
  Environment?: { Variables: { [name: string]: unknown } };
}

beforeAll(() => {
  out = mkdtempSync(join(tmpdir(), "sallyport-synth-"));
  const run = spawnSync(process.execPath, ["bin/gateway.ts"], {
    cwd: root,
    encoding: "utf8",
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], CDK_OUTDIR: out },
  });
  printed = run.stdout;
  if (run.status !== 0) throw new Error(`synthesis failed: ${run.stderr}`);
  template = JSON.parse(readFileSync(join(out, "Sallyport.template.json"), "utf8"));
}, 120_000);

afterAll(() => rmSync(out, { recursive: true, force: true }));

function functionNamed(name: string): Properties {
  const [found] = Object.entries(template.Resources).filter(
    ([id, { Type }]) => Type === "AWS::Lambda::Function" && id.startsWith(`${name}Function`),
  );
  if (found === undefined) throw new Error(`no function ${name} in the template`);
  return found[1].Properties;
}

/** The folder that becomes a function. */
function bundleOf(name: string): string {
  return join(out, `asset.${functionNamed(name).Code?.S3Key.replace(/\.zip$/, "")}`);
}

/** What the function finds in its environment, with a word for what only a deployment can know. */
function environmentOf(name: string): { [name: string]: string } {
  const variables = Object.entries(functionNamed(name).Environment?.Variables ?? {});
  return {
    AWS_REGION: "us-east-1",
    ...Object.fromEntries(
      variables.map(([key, value]) => [key, typeof value === "string" ? value : "deployed"]),
    ),
  };
}

describe("node bin/gateway.ts", () => {
  it("needs no account, no network and no CDK command line, and says where the template is", () => {
    expect(printed).toMatch(/^template: \S*Sallyport\.template\.json$/m);
  });

  it("fails with what is wrong when the configuration cannot be used", () => {
    const run = spawnSync(process.execPath, ["bin/gateway.ts", "package.json"], {
      cwd: root,
      encoding: "utf8",
      env: { PATH: process.env["PATH"], CDK_OUTDIR: join(out, "refused") },
    });
    expect(run.status).toBe(1);
    expect(run.stderr).toMatch(/^sallyport: error: the deployment's configuration cannot be used:/);
    expect(run.stderr).toContain("\n  home: ");
  });

  it.each(["Requests", "Decide", "Exec", "Projector", "Sweeper", "Watcher"])(
    "bundles %s into one file, with Cedar's WebAssembly where rules are evaluated",
    (name) => {
      const folder = bundleOf(name);
      const wasm = ["Projector", "Watcher"].includes(name) ? [] : ["cedar_wasm_bg.wasm"];
      expect(readdirSync(folder).toSorted()).toEqual([...wasm, "index.mjs", "index.mjs.map"]);
      // What it costs a cold start to read. With zod's messages in every language it is 360,000 more.
      expect(statSync(join(folder, "index.mjs")).size).toBeLessThan(1_000_000);
    },
  );

  it("gives exec no more to read than 1.7 times what its SDK clients take alone", async () => {
    // Time is measured in bench/load.ts; what most of it goes with is bytes. With the large form of zod it is 1.73.
    const empty = mkdtempSync(join(tmpdir(), "sallyport-empty-"));
    try {
      await emptyHandler("exec", empty);
      const size = (folder: string): number => statSync(join(folder, "index.mjs")).size;
      expect(size(bundleOf("Exec")) / size(empty)).toBeLessThan(1.7);
    } finally {
      rmSync(empty, { recursive: true, force: true });
    }
  });

  it.each(["Requests", "Decide", "Exec", "Projector", "Sweeper", "Watcher"])(
    "bundles %s so that it loads from an empty folder, with nothing but its environment",
    async (name) => {
      const bundle = loneBundle(bundleOf(name));
      try {
        expect(await bundle.invoke(environmentOf(name))).toEqual([]);
      } finally {
        bundle.remove();
      }
    },
  );

  it.skipIf(!engineHere)(
    "decides by Cedar in the exec function's bundle, from an empty folder alone",
    async () => {
      const gateway = await startTestGateway();
      const bundle = loneBundle(bundleOf("Exec"));
      const endpoint = await gateway.dynamodb.config.endpoint?.();
      const environment = {
        ...environmentOf("Exec"),
        AWS_ACCESS_KEY_ID: "AKIAEXEC",
        AWS_SECRET_ACCESS_KEY: "secret of exec",
        AWS_ENDPOINT_URL_DYNAMODB: `http://${endpoint?.hostname}:${endpoint?.port}`,
        AWS_ENDPOINT_URL_ECS: gateway.emulator.url,
        AWS_ENDPOINT_URL_STS: gateway.emulator.url,
        AWS_ENDPOINT_URL_SSM: gateway.emulator.url,
        EVENTS_TABLE: "events",
        STATE_TABLE: "state",
        EVENTS_TABLE_ARN: gateway.events.tableArn,
        PLACES: JSON.stringify([{ account: "111122223333", region: "us-east-1" }]),
        CLUSTERS: JSON.stringify(["arn:aws:ecs:us-east-1:111122223333:cluster/demo"]),
      };
      const ask = async (): Promise<string> => {
        const asked = await gateway.as("dev")("POST", "/v1/requests", {
          target: { cluster: "demo", service: "payments-api", container: "app" },
          command: "/bin/date",
          reason: "the time",
        });
        return asked.body.id;
      };
      const open = async (id: string): Promise<{ statusCode: number; body: string }> => {
        const [answer] = await bundle.invoke(environment, {
          version: "2.0",
          routeKey: "POST /v1/requests/{id}/sessions",
          rawPath: `/v1/requests/${id}/sessions`,
          headers: {},
          requestContext: {
            requestId: "lone",
            accountId: "111122223333",
            apiId: "deployed",
            stage: "$default",
            routeKey: "POST /v1/requests/{id}/sessions",
            http: { method: "POST" },
            authorizer: {
              iam: {
                accountId: "111122223333",
                userArn: "arn:aws:iam::111122223333:user/dev",
                userId: "AIDADEV0000000000001",
                cognitoIdentity: null,
              },
            },
          },
        });
        return answer as { statusCode: number; body: string };
      };
      const executed = () =>
        gateway.emulator.calls.filter((call) => call.operation === "ExecuteCommand").length;
      try {
        const [first, second] = [await ask(), await ask()];
        const opened = await open(first);
        expect(opened.statusCode, opened.body).toBe(201);
        expect(executed()).toBe(1);

        const texts = rulesHere();
        const asked = await gateway.as("operator")("POST", "/v1/activations", {
          ...texts,
          policies: `${texts.policies}\n@id("frozen")\nforbid (principal, action == Sallyport::Action::"exec", resource) when { resource.name == "payments-api" };\n`,
          reason: "an incident",
        });
        const { id, digest } = asked.body.request;
        await gateway.as("sre")("POST", `/v1/requests/${id}/decisions`, {
          decision: "approve",
          digest,
        });
        const refused = await open(second);
        expect(refused.statusCode, refused.body).toBe(403);
        expect(JSON.parse(refused.body)).toMatchObject({
          code: "refused_by_rule",
          rules: ["frozen"],
        });
        expect(executed()).toBe(1);
      } finally {
        bundle.remove();
        await gateway.close();
      }
    },
  );
});
