/**
 * Open-loop load: calls are sent when they are due, whatever became of those before them.
 *
 * How late one is sent is measured, since a busy machine shows there first.
 */

/** Sends each call at its moment and waits for all of them; resolves to how late each was sent, in milliseconds. */
export async function sendAll(
  arrivals: ArrayLike<number>,
  clock: () => number,
  send: (index: number, dueMs: number) => Promise<void>,
): Promise<number[]> {
  const lateMs: number[] = [];
  const calls: Promise<void>[] = [];
  for (let index = 0; index < arrivals.length; ) {
    const dueMs = arrivals[index] ?? 0;
    const nowMs = clock();
    if (dueMs > nowMs) {
      await new Promise((resolve) => setTimeout(resolve, dueMs - nowMs));
      continue;
    }
    lateMs.push(nowMs - dueMs);
    calls.push(send(index, dueMs));
    index += 1;
  }
  await Promise.all(calls);
  return lateMs;
}
