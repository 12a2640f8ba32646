import { type ErrorCode, SallyportError } from "../../core/errors.ts";
import type { ExecFailureCode } from "../../core/execute-command.ts";

type Code = ExecFailureCode | "agent_not_running";

const RETRYABLE: readonly ErrorCode[] = ["throttled", "gateway_credentials"];
const RETRY_SECONDS = 5;

/** What happened, where AWS's own text does not say it, and what to do now. */
const texts: { [code in Code]: { message?: string; hint: string } } = {
  aws_denied_gateway: {
    message: "AWS refused the gateway's role, not you",
    hint: "whoever operates the gateway: is the cluster in its configuration, does a condition on ecs:container-name, a service control policy or the session policy deny it",
  },
  aws_client_error: {
    hint: "AWS's text says what it did not take; whoever operates the gateway can look at the task and the role. The approval still stands: open again once that is mended",
  },
  aws_invalid_parameter: {
    hint: "AWS's text says which parameter; if the task has changed since it was asked for, ask again. The approval still stands",
  },
  cluster_not_found: {
    message: "ECS does not know the cluster",
    hint: "the cluster was deleted since it was asked for, or is in another region: ask again where the task runs now",
  },
  target_not_connected: {
    message: "the exec agent in the container does not answer",
    hint: "common causes: the task role lacks ssmmessages, no route to ssmmessages, another container shares the PID namespace; none of these was checked",
  },
  exec_not_enabled: {
    message: "ECS Exec is not enabled on the task, or its agent is not running",
    hint: "a running task cannot be switched: UpdateService with enableExecuteCommand and force a new deployment, then ask again",
  },
  agent_not_running: {
    message: "the exec agent in the container was not running",
    hint: "wait a minute and open again, for the approval still stands; if it stays so, replace the task",
  },
  throttled: {
    message: "AWS is throttling",
    hint: "wait as long as Retry-After says and open again: the approval still stands",
  },
  gateway_credentials: {
    message: "the gateway's credentials for that account are refused",
    hint: "whoever operates the gateway has to look at its roles in that account and at their trust; the approval still stands",
  },
};

/** The error for an ExecuteCommand that certainly started nothing: its use of the grant is free again. */
export function execFailed(code: Code, aws: { error: string; message: string }): SallyportError {
  const { message = aws.message, hint } = texts[code];
  return new SallyportError(code, message, {
    aws,
    hint,
    ...(RETRYABLE.includes(code) ? { retryAfterSeconds: RETRY_SECONDS } : {}),
  });
}
