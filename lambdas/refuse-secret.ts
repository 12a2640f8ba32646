import { SallyportError } from "../core/errors.ts";
import { secretIn } from "../core/secret-in-command.ts";

/** Before anything is looked up or kept: what is refused for its secret is nowhere written down. */
export function refuseSecret(command: string): void {
  const found = secretIn(command);
  if (found === undefined) return;
  throw new SallyportError("secret_in_command", `the command seems to carry ${found}`, {
    issues: [{ pointer: "/command", detail: `seems to be ${found}` }],
    hint:
      "commands are shown to approvers, kept on record and written to CloudTrail. Read the value where it runs: " +
      "from the container's environment (`sh -c 'psql \"$DATABASE_URL\"'`), a file such as /run/secrets/NAME, " +
      "or AWS Secrets Manager. If it is real, replace it",
  });
}
