/** Polls for a condition with a time limit, so that neither tests nor tools sleep for a guessed time. */
import { setTimeout as wait } from 'node:timers/promises';

/**
 * Calls `ask` until it returns neither `undefined` nor `false`, and returns that value.
 * @throws {Error} when that takes longer than `withinMs`; it names the condition, and its cause is the last error.
 */
export async function until<T>(
  what: string,
  ask: () => T | Promise<T>,
  { withinMs = 45_000, everyMs = 20 }: { withinMs?: number; everyMs?: number } = {},
): Promise<Exclude<T, undefined | false>> {
  const endsAt = performance.now() + withinMs;
  let lastError: unknown;
  do {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer as Exclude<T, undefined | false>;
    } catch (error) {
      lastError = error;
    }
    await wait(everyMs);
  } while (performance.now() < endsAt);
  throw new Error(`Not within ${withinMs} ms: ${what}`, { cause: lastError });
}
