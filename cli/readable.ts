import { usage } from "./failure.ts";

/** What the gateway takes of each, in characters. */
const MOST = { "--reason": 1_024, "--ticket": 256, "--comment": 1_024 };

/**
 * A text that other people are to read, as it was given. Refused here where the gateway would refuse it, in
 * words instead of a pointer into a body that nobody typed. Throws Failure with exit status 2.
 */
export function readable<Text extends string | undefined>(
  option: keyof typeof MOST,
  text: Text,
): Text {
  if (text === undefined) return text;
  if (text.trim() === "") throw usage(`${option} is empty`, "other people read it: say something");
  const most = MOST[option];
  if (text.length > most) {
    throw usage(
      `${option} is too long: ${text.length} characters, and it may have ${most}`,
      "shorten it; what is longer belongs in a ticket",
    );
  }
  return text;
}
