/** `1 event`, `3 events`: a number and what it counts. */
export function counted(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? "" : "s"}`;
}
