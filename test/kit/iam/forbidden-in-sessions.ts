import type { RoleSession } from "../aws-calls.ts";
import { atLarge } from "./forbidden-at-large.ts";
import type { Forbidden } from "./forbidden-question.ts";
import { target } from "./forbidden-roles.ts";
import { executing, type IamRequest, inEc2 } from "./requests.ts";

const account = "111122223333";
const region = "us-east-1";

/** In sessions of the target roles. `policy` is one that the gateway itself sent; left out, the role stands alone. */
export function inSessions(sent: {
  exec: RoleSession;
  end: RoleSession;
  stop: RoleSession;
}): Forbidden[] {
  const read: RoleSession = { roleArn: target("read"), name: "sallyport-requests", tags: {} };
  const { policy: _, ...bareExec } = sent.exec;
  const { policy: __, ...bareEnd } = sent.end;
  const { policy: ___, ...bareStop } = sent.stop;
  const { cluster = "", task = "", container = "" } = sent.exec.tags;
  const out: Forbidden[] = [];
  const forbid = (
    what: string,
    session: RoleSession,
    requests: IamRequest[],
    at?: number,
  ): void => {
    const by =
      session.roleArn === target("read")
        ? "requests"
        : session.name.startsWith("end-task")
          ? "sweeper"
          : session.name.startsWith("end-watch")
            ? "watcher"
            : "exec";
    for (const request of requests) {
      out.push({
        what,
        asker: { function: by, session },
        request,
        ...(at === undefined ? {} : { at }),
      });
    }
  };
  const onTask = (requests: IamRequest[]) =>
    requests.filter(({ resource }) => resource.includes(":task/"));
  const onCluster = (requests: IamRequest[]) =>
    requests.filter(({ resource }) => resource.includes(":cluster/"));
  // By the role alone, and by its session policy as well.
  for (const session of [sent.exec, bareExec]) {
    forbid("exec in another task", session, onTask(executing(cluster, "f".repeat(32), container)));
    forbid("exec in another container", session, executing(cluster, task, "envoy"));
    forbid("exec in no container", session, executing(cluster, task));
    forbid("exec in another cluster", session, executing("prod", task, container));
  }
  forbid(
    "exec after its minute",
    sent.exec,
    executing(cluster, task, container),
    Date.now() + 60 * 60_000,
  );
  const elsewhere = { ...bareExec, tags: { cluster: "prod", task, container } };
  forbid("exec in a cluster that is not configured", elsewhere, executing("prod", task, container));
  forbid("exec without tags", { ...bareExec, tags: {} }, executing(cluster, task, container));
  forbid(
    "exec with another's tags",
    { ...sent.exec, tags: { cluster, task: "f".repeat(32), container } },
    onTask(executing(cluster, task, container)),
  );
  // Where the resource says one cluster and the key another: each of the two by itself.
  forbid(
    "exec where the key is another cluster's",
    bareExec,
    executing(cluster, task, container).map((one) => ({
      ...one,
      context: { ...one.context, "ecs:cluster": `arn:aws:ecs:${region}:${account}:cluster/prod` },
    })),
  );
  forbid(
    "exec where the cluster is another",
    bareExec,
    onCluster(executing(cluster, task, container)).map((one) => ({
      ...one,
      resource: `arn:aws:ecs:${region}:${account}:cluster/other`,
    })),
  );
  for (const session of [sent.exec, bareExec, sent.end, bareEnd, read]) {
    for (const [action, resource, context = {}] of atLarge) {
      if (action === "ecs:ExecuteCommand" && session.roleArn === target("exec")) continue;
      forbid(`${action} as ${session.name}`, session, [{ action, resource, context }]);
    }
  }
  const ended = (id: string): IamRequest[] => [
    {
      action: "ssm:TerminateSession",
      resource: `arn:aws:ssm:${region}:${account}:session/${id}`,
      context: {},
    },
  ];
  const looking: RoleSession = { roleArn: target("end"), name: "end-watcher", tags: {} };
  forbid("ends a session where it only looks", looking, ended("ecs-execute-command-0"));
  const seeing = [{ action: "ssm:DescribeSessions", resource: "*", context: {} }];
  forbid(
    "ends another session than the one it was assumed for",
    sent.end,
    ended("ecs-execute-command-0"),
  );
  forbid("ends a session that ECS Exec did not begin", bareEnd, ended("olga-0123456789abcdef0"));
  forbid("sees sessions while it ends one", sent.end, seeing);
  for (const session of [sent.exec, bareExec, read]) {
    forbid("sees sessions", session, seeing);
    forbid("ends a session", session, ended("ecs-execute-command-0"));
  }
  const stopping = (of: string, name = of, id = task): IamRequest[] => [
    {
      action: "ecs:StopTask",
      resource: `arn:aws:ecs:${region}:${account}:task/${name}/${id}`,
      context: { "ecs:cluster": `arn:aws:ecs:${region}:${account}:cluster/${of}` },
    },
  ];
  for (const session of [sent.end, bareEnd, sent.exec, bareExec, read]) {
    forbid("stops a task in a session of another name", session, stopping("demo"));
  }
  forbid("stops another task", sent.stop, stopping("demo", "demo", "f".repeat(32)));
  forbid("stops a task elsewhere", bareStop, stopping("prod"));
  forbid("stops a task where the key is another cluster's", bareStop, stopping("prod", "demo"));
  forbid(
    "stops a task where the resource is another cluster's",
    bareStop,
    stopping("demo", "prod"),
  );
  const lookingAt = (action: string, resource: string, of = "prod"): IamRequest[] => [
    {
      action: `ecs:${action}`,
      resource: resource === "*" ? "*" : `arn:aws:ecs:${region}:${account}:${resource}`,
      context:
        action === "DescribeClusters"
          ? {}
          : { "ecs:cluster": `arn:aws:ecs:${region}:${account}:cluster/${of}` },
    },
  ];
  forbid(
    "describes a cluster that is not configured",
    read,
    lookingAt("DescribeClusters", "cluster/prod"),
  );
  forbid("describes a service elsewhere", read, lookingAt("DescribeServices", "service/prod/web"));
  forbid("describes a task elsewhere", read, lookingAt("DescribeTasks", `task/prod/${task}`));
  forbid("lists services elsewhere", read, lookingAt("ListServices", "*"));
  forbid("lists tasks elsewhere", read, lookingAt("ListTasks", "container-instance/prod/any"));
  forbid("sees networks elsewhere", read, [
    inEc2("DescribeSubnets", "eu-west-1"),
    inEc2("DescribeVpcEndpoints", "eu-west-1"),
  ]);
  forbid("asks what a person may do", read, [
    {
      action: "iam:SimulatePrincipalPolicy",
      resource: `arn:aws:iam::${account}:user/olga`,
      context: {},
    },
  ]);
  return out;
}
