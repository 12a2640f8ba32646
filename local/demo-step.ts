/** A step that takes longer has gone wrong: starting the command line takes a second. */
const STEP_MS = 20_000;

/** The value, or an error of the text that `late` answers where it takes longer than a step may. */
export async function within<T>(value: Promise<T>, late: () => string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(late())), STEP_MS);
  });
  try {
    return await Promise.race([value, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
