import { escapeText } from "./escape.ts";

/** Text in which everything that somebody else wrote has been escaped. Made by the tag below alone. */
export interface Shown {
  readonly shown: string;
}

/**
 * Builds printable text. What stands in the template is ours and stays as it is; what is filled in is
 * escaped, unless it is printable text already.
 */
export function shown(
  template: TemplateStringsArray,
  ...values: readonly (string | number | Shown)[]
): Shown {
  let text = template[0] ?? "";
  values.forEach((value, i) => {
    text += typeof value === "object" ? value.shown : escapeText(String(value));
    text += template[i + 1] ?? "";
  });
  return { shown: text };
}

/** Printable texts with a separator of ours between them. */
export function joined(parts: readonly Shown[], separator: string): Shown {
  return { shown: parts.map((part) => part.shown).join(separator) };
}
