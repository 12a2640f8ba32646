import { describe, expect, it } from "vitest";
import { familyOf, parseTarget, ssmTarget, type TargetInput, taskIdOf } from "../../core/target.ts";

const place = { account: "111122223333", region: "us-east-1" };
const territory = { partition: "aws", places: [place] as const };
const base = "arn:aws:ecs:us-east-1:111122223333";
const id = "0123456789abcdef0123456789abcdef";
const read = (input: TargetInput) => parseTarget(input, territory);

describe("parseTarget", () => {
  it.each<[string, TargetInput[]]>([
    [
      "a service",
      [
        { cluster: "demo", service: "api" },
        { cluster: `${base}:cluster/demo`, service: "api" },
        { cluster: "demo", service: `${base}:service/demo/api` },
        { cluster: "demo", service: `${base}:service/api` },
      ],
    ],
    [
      "a task",
      [
        { cluster: "demo", task: id },
        { cluster: `${base}:cluster/demo`, task: `${base}:task/demo/${id}` },
        { cluster: "demo", task: `${base}:task/${id}` },
      ],
    ],
    [
      "the default cluster",
      [
        { service: "api" },
        { cluster: "default", service: "api" },
        { cluster: `${base}:cluster/default`, service: "api" },
      ],
    ],
  ])("T32 reads every spelling of %s as one target", (_, spellings) => {
    const [first, ...others] = spellings.map(read);
    expect(first?.kind).toBe("target");
    for (const other of others) expect(other).toEqual(first);
  });

  it("T32 keeps case: another case is another name", () => {
    const name = (service: string) => read({ cluster: "demo", service });
    expect(name("API")).not.toEqual(name("api"));
    expect(read({ cluster: `${base}:CLUSTER/demo`, service: "api" }).kind).toBe("invalid");
    expect(read({ cluster: "demo", task: id.toUpperCase() }).kind).toBe("invalid");
  });

  const odd = ["/", "\n", " ", "\0", "*", "é", "%2f", ":"];
  it.each([
    ...odd.flatMap((end): [TargetInput, string][] => [
      [{ cluster: `demo${end}`, service: "api" }, "cluster_invalid"],
      [{ cluster: `${base}:cluster/demo${end}`, service: "api" }, "cluster_invalid"],
      [{ cluster: "demo", service: `api${end}` }, "target_invalid"],
      [{ cluster: "demo", task: `${id}${end}` }, "target_invalid"],
      [{ cluster: "demo", family: `web${end}` }, "target_invalid"],
      [{ cluster: "demo", service: "api", container: `app${end}` }, "target_invalid"],
    ]),
    [{ cluster: "", service: "api" }, "cluster_invalid"],
    [{ cluster: `${base}:service/demo/api`, service: "api" }, "cluster_invalid"],
    [
      { cluster: `${base.replace("arn:aws:", "arn:aws-cn:")}:cluster/demo`, service: "api" },
      "cluster_invalid",
    ],
    [
      { cluster: "demo", service: `${base.replace("arn:aws:", "arn:aws-cn:")}:service/demo/api` },
      "service_not_found",
    ],
    [
      { cluster: "demo", service: `${base.replace("us-east-1", "eu-west-1")}:service/demo/api` },
      "service_not_found",
    ],
    [
      { cluster: "demo", service: `${base.replace("1111", "9999")}:service/demo/api` },
      "service_not_found",
    ],
    [{ cluster: "demo", service: `${base}:service/other/api` }, "service_not_found"],
    [{ cluster: "demo", service: `${base}:task/demo/api` }, "service_not_found"],
    [{ cluster: "demo", service: `${base}:service/demo/x/api` }, "service_not_found"],
    [{ cluster: "demo", task: `${base}:task/other/${id}` }, "task_not_found"],
    [{ cluster: "demo", service: "api", family: "web" }, "target_invalid"],
    [{ cluster: "demo" }, "target_invalid"],
  ] as [TargetInput, string][])("T32, T33: refuses %j", (input, code) => {
    expect(read(input)).toMatchObject({ kind: "invalid", code });
  });

  it("T33 takes place and account from a cluster's ARN", () => {
    const elsewhere = "arn:aws:ecs:eu-west-1:999922223333:cluster/demo";
    expect(read({ cluster: elsewhere, service: "api" })).toMatchObject({
      target: { place: { account: "999922223333", region: "eu-west-1" }, clusterArn: elsewhere },
    });
  });
});

describe("parts of ARNs", () => {
  it("are read from both generations", () => {
    expect(familyOf(`${base}:task-definition/web:3`)).toBe("web");
    expect(taskIdOf(`${base}:task/demo/${id}`)).toBe(id);
    expect(taskIdOf(`${base}:task/${id}`)).toBe(id);
    expect(ssmTarget("demo", `${base}:task/demo/${id}`, "r")).toBe(`ecs:demo_${id}_r`);
  });
});
