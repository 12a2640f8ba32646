import { type ErrorCode, SallyportError } from "../../core/errors.ts";
import type { ExecFailureCode } from "../../core/execute-command.ts";
import type { DiagnosedFailure } from "./diagnose-failure.ts";

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
    hint: "the approval still stands: see which checks failed, or were not made, and what to do about each",
  },
  exec_not_enabled: {
    message: "ECS Exec is not enabled on the task",
    hint: "a running task cannot be switched: UpdateService with enableExecuteCommand and force a new deployment, then ask again",
  },
  agent_not_running: {
    message: "the exec agent in the container was not running",
    hint: "wait a minute and open again, for the approval still stands; if it stays so, replace the task",
  },
  throttled: {
    message: "AWS is throttling",
    hint: `wait ${RETRY_SECONDS} seconds and open again: the approval still stands`,
  },
  gateway_credentials: {
    message: "the gateway's credentials for that account are refused",
    hint: "whoever operates the gateway has to look at its roles in that account and at their trust; the approval still stands",
  },
};

/** Where nobody could look which of the two it is that ECS has one text for. */
const ONE_OF_TWO =
  "ECS Exec is not enabled on the task, or its agent was not running: ECS could not be asked which";

/**
 * The error for an ExecuteCommand that certainly started nothing: its use of the grant is free again. With
 * what was checked after it, where that may have to do with it.
 */
export function execFailed(
  code: Code,
  aws: { error: string; message: string },
  diagnosed: DiagnosedFailure | undefined,
): SallyportError {
  const { message = aws.message, hint } = texts[code];
  const open = code === "exec_not_enabled" && diagnosed?.looked !== true;
  return new SallyportError(code, open ? ONE_OF_TWO : message, {
    aws,
    hint,
    ...(diagnosed === undefined ? {} : { members: { diagnosis: diagnosed.diagnosis } }),
    ...(RETRYABLE.includes(code) ? { retryAfterSeconds: RETRY_SECONDS } : {}),
  });
}
