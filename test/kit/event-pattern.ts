/**
 * Whether an event matches a pattern of EventBridge's, for the few filters that our rules use; any other throws. What
 * is compared with a field that is not there does not match, `exists: false` alone does.
 */
export function matchesPattern(pattern: object, event: unknown): boolean {
  return Object.entries(pattern).every(([name, wanted]) => {
    if (name === "$or") {
      return (wanted as object[]).some((alternative) => matchesPattern(alternative, event));
    }
    const value =
      typeof event === "object" && event !== null
        ? (event as { [field: string]: unknown })[name]
        : undefined;
    if (!Array.isArray(wanted)) return matchesPattern(wanted as object, value);
    return wanted.some((filter: unknown) => passes(filter, value));
  });
}

function passes(filter: unknown, value: unknown): boolean {
  if (typeof filter === "string") return value === filter;
  const [[kind, operand] = ["", undefined], ...more] = Object.entries(filter as object);
  if (more.length === 0 && kind === "exists") return operand === (value !== undefined);
  if (more.length === 0 && kind === "prefix") {
    return typeof value === "string" && value.startsWith(operand as string);
  }
  if (more.length === 0 && kind === "anything-but") {
    if (typeof value !== "string") return false;
    if (Array.isArray(operand)) return !operand.includes(value);
    const { wildcard } = operand as { wildcard?: string[] };
    if (wildcard !== undefined) return !wildcard.some((one) => like(one, value));
  }
  throw new TypeError(`no such filter here: ${JSON.stringify(filter)}`);
}

function like(pattern: string, text: string): boolean {
  const parts = pattern.split("*").map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`).test(text);
}
