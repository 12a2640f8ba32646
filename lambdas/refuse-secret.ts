import { SallyportError } from "../core/errors.ts";
import { secretIn, secretInText } from "../core/secret-in-command.ts";

/** What a person writes for others to read. */
const texts = ["reason", "ticket", "comment"];

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

/** The same for what stands beside the command, or is said of it. */
export function refuseSecretTexts(body: { [name: string]: unknown }): void {
  for (const member of texts) {
    const text = body[member];
    const found = typeof text === "string" ? secretInText(text) : undefined;
    if (found === undefined) continue;
    throw new SallyportError("secret_in_command", `the ${member} seems to carry ${found}`, {
      issues: [{ pointer: `/${member}`, detail: `seems to be ${found}` }],
      hint: "it is shown to others and kept on record: leave the value out. If it is real, replace it",
    });
  }
}
