import { describeSubnets } from "./ec2/describe-subnets.ts";
import { describeVpcEndpoints } from "./ec2/describe-vpc-endpoints.ts";
import { ec2Protocol } from "./ec2/ec2-protocol.ts";
import { describeClusters } from "./ecs/describe-clusters.ts";
import { describeServices } from "./ecs/describe-services.ts";
import { describeTaskDefinition } from "./ecs/describe-task-definition.ts";
import { describeTasks } from "./ecs/describe-tasks.ts";
import { executeCommand } from "./ecs/execute-command.ts";
import { listClusters } from "./ecs/list-clusters.ts";
import { listServices } from "./ecs/list-services.ts";
import { listTasks } from "./ecs/list-tasks.ts";
import { stopTask } from "./ecs/stop-task.ts";
import { simulatePrincipalPolicy } from "./iam/simulate-principal-policy.ts";
import { jsonProtocol, type Protocol } from "./json-protocol.ts";
import { filterLogEvents } from "./logs/filter-log-events.ts";
import { describeSessions } from "./ssm/describe-sessions.ts";
import { resumeSession } from "./ssm/resume-session.ts";
import { terminateSession } from "./ssm/terminate-session.ts";
import { assumeRole } from "./sts/assume-role.ts";
import { getCallerIdentity } from "./sts/get-caller-identity.ts";
import { queryProtocol, queryProtocolOf } from "./sts/query-protocol.ts";
import type { Operation } from "./world.ts";

/** One AWS service on the port: how it is addressed, how it speaks, what it can do. */
export interface Service {
  /** As the credential scope names it. */
  name: "ecs" | "ssm" | "sts" | "iam" | "ec2" | "logs";
  /** Of `X-Amz-Target`; absent where the operation stands in a form. */
  target?: string;
  protocol: Protocol;
  operations: ReadonlyMap<string, Operation>;
}

export const services: readonly Service[] = [
  {
    name: "ecs",
    target: "AmazonEC2ContainerServiceV20141113",
    protocol: jsonProtocol,
    operations: new Map([
      ["DescribeClusters", describeClusters],
      ["DescribeServices", describeServices],
      ["DescribeTaskDefinition", describeTaskDefinition],
      ["DescribeTasks", describeTasks],
      ["ExecuteCommand", executeCommand],
      ["ListClusters", listClusters],
      ["ListServices", listServices],
      ["ListTasks", listTasks],
      ["StopTask", stopTask],
    ]),
  },
  {
    name: "ssm",
    target: "AmazonSSM",
    protocol: jsonProtocol,
    operations: new Map([
      ["DescribeSessions", describeSessions],
      ["ResumeSession", resumeSession],
      ["TerminateSession", terminateSession],
    ]),
  },
  {
    name: "logs",
    target: "Logs_20140328",
    protocol: jsonProtocol,
    operations: new Map([["FilterLogEvents", filterLogEvents]]),
  },
  {
    name: "sts",
    protocol: queryProtocol,
    operations: new Map<string, Operation>([
      ["AssumeRole", assumeRole],
      ["GetCallerIdentity", getCallerIdentity],
    ]),
  },
  {
    name: "iam",
    protocol: queryProtocolOf({
      name: "IAM",
      namespace: "https://iam.amazonaws.com/doc/2010-05-08/",
      version: "2010-05-08",
      textLists: ["ActionNames", "ResourceArns", "PolicyInputList"],
    }),
    operations: new Map([["SimulatePrincipalPolicy", simulatePrincipalPolicy]]),
  },
  {
    name: "ec2",
    protocol: ec2Protocol,
    operations: new Map([
      ["DescribeSubnets", describeSubnets],
      ["DescribeVpcEndpoints", describeVpcEndpoints],
    ]),
  },
];
