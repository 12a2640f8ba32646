import { SallyportError } from "../core/errors.ts";
import { secretInText } from "../core/secret-in-command.ts";

/** What a person writes for others to read, and how many bytes of UTF-8 the record takes of it. */
const LIMITS: { [member: string]: number } = { reason: 1024, comment: 1024, ticket: 256 };

/**
 * Whether the texts of a body may be kept and shown. Throws `body_invalid` for one that is too long, and
 * `secret_in_command` for one that seems to carry a secret.
 */
export function checkProse(body: { [name: string]: unknown }): void {
  const texts = Object.entries(LIMITS).flatMap(([member, limit]) => {
    const text = body[member];
    return typeof text === "string" ? [{ member, limit, text }] : [];
  });
  for (const { member, limit, text } of texts) {
    if (Buffer.byteLength(text) > limit) {
      throw new SallyportError("body_invalid", `${member} may take ${limit} bytes`, {
        issues: [{ pointer: `/${member}`, detail: `more than ${limit} bytes of UTF-8` }],
        hint: "say it in fewer words",
      });
    }
  }
  for (const { member, text } of texts) {
    const found = secretInText(text);
    if (found === undefined) continue;
    throw new SallyportError("secret_in_command", `the ${member} seems to carry ${found}`, {
      issues: [{ pointer: `/${member}`, detail: `seems to be ${found}` }],
      hint: "it is shown to others and kept on record: leave the value out. If it is real, replace it",
    });
  }
}
