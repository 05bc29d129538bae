/** Waits by asking again and again, with an end: neither tests nor tools sleep for a guessed time. */
import { setTimeout as wait } from 'node:timers/promises';

/**
 * Asks until the answer is neither `undefined` nor `false`, and hands it back.
 * @throws {Error} when that took longer than `withinMs`; it says what was waited for and how the last question failed.
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
