/** Looked at in one go: what takes long keeps the others waiting only a while. */
const AT_ONCE = 8;

/**
 * Does the same with each of a list, so many at once. One that fails keeps none of the others from being done: throws
 * the first failure once all were tried.
 */
export async function inTurn<T>(list: readonly T[], act: (one: T) => Promise<void>): Promise<void> {
  const left = [...list];
  const failures: unknown[] = [];
  const worker = async (): Promise<void> => {
    for (let one = left.pop(); one !== undefined; one = left.pop()) {
      try {
        await act(one);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  if (failures.length > 0) throw failures[0];
}
