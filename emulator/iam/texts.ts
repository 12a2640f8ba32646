/** One text or a list of some, as IAM writes most members. Throws TypeError for nothing, or anything else. */
export function texts(value: unknown, what: string): string[] {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  if (list.length === 0) throw new TypeError(`${what} is empty`);
  return list.map((item) => {
    if (typeof item !== "string" || item === "") throw new TypeError(`${what} must be strings`);
    return item;
  });
}
