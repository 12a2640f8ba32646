import { AwsError } from "../aws-error.ts";
import type { Container, Task } from "../fleet.ts";
import { flagOf, textOf } from "../input.ts";
import type { Operation } from "../world.ts";
import { demandEcs } from "./authorize-ecs.ts";
import { clusterName, existingCluster, findTask, taskArn } from "./names.ts";

/**
 * ExecuteCommand: starts the command at once, as AWS's agent does, and answers the credentials of its
 * session. Nobody has to attach for the command to have run.
 *
 * IAM is asked for the cluster and for the task, with the container's name in the context only where
 * the request has one. The texts are AWS's where one is on record; those of an unknown task, an unknown
 * container and a container not named are not, and are ours.
 */
export const executeCommand: Operation = (world, principal, input) => {
  const name = clusterName(world, textOf(input, "cluster"));
  const command = textOf(input, "command");
  const container = textOf(input, "container");
  const written = textOf(input, "task");
  const interactive = flagOf(input, "interactive");
  if (command === undefined || command.trim() === "") throw invalid("command cannot be empty");
  if (written === undefined) throw invalid("task cannot be empty");
  const arn = taskArn(world, name, written);

  const context = {
    "ecs:cluster": name.arn,
    "ecs:task": arn,
    "ecs:container-name": container,
  };
  demandEcs(world, principal, "ecs:ExecuteCommand", name.arn, context);
  demandEcs(world, principal, "ecs:ExecuteCommand", arn, context);

  const cluster = existingCluster(world, name);
  if (interactive !== true) throw invalid("Interactive is the only mode supported currently.");
  const task = findTask(cluster, arn);
  if (task === undefined) throw invalid("The referenced task was not found.");
  if (task.lastStatus !== "RUNNING") throw invalid("The referenced task is not running.");
  const target = chooseContainer(task, container);
  if (!task.enableExecuteCommand || target.agent === "PENDING" || target.agent === "STOPPED") {
    throw invalid(
      "The execute command failed because execute command was not enabled when the task was run or the execute command agent isn’t running. Wait and try again or run a new task with execute command enabled and try again.",
    );
  }
  if (target.agent === "LOST") {
    throw new AwsError(
      "TargetNotConnectedException",
      "The execute command failed due to an internal error. Try again later.",
    );
  }

  const session = world.sessions.start(cluster.name, task, target, command);
  return {
    clusterArn: cluster.arn,
    taskArn: task.arn,
    containerArn: target.arn,
    containerName: target.name,
    interactive: true,
    session: {
      sessionId: session.id,
      streamUrl: session.streamUrl,
      tokenValue: session.token,
    },
  };
};

function chooseContainer(task: Task, name: string | undefined): Container {
  const [only, ...others] = task.containers;
  if (name === undefined) {
    if (only === undefined || others.length > 0) {
      throw invalid("A container name is required for a task of several containers.");
    }
    return only;
  }
  const found = task.containers.find((container) => container.name === name);
  if (found === undefined) throw invalid(`The container ${name} was not found in the task.`);
  return found;
}

function invalid(message: string): AwsError {
  return new AwsError("InvalidParameterException", message);
}
