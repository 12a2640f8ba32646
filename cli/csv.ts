import { escapeText } from "./escape.ts";

/** What a spreadsheet would take for a formula begins with one of these. */
const FORMULA = /^[=+\-@\t]/;

/**
 * A line of CSV (RFC 4180). Every text is quoted; what a terminal would act on is escaped, and what a
 * spreadsheet would run has an apostrophe before it.
 */
export function csvLine(cells: readonly (string | number | boolean)[]): string {
  return cells
    .map((cell) => {
      const text = escapeText(String(cell));
      return `"${(FORMULA.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
    })
    .join(",");
}
