/** Asks the lab for the latest comparison: once when called, and every second while one runs. */
import type { ComparisonStatus } from '../../server/comparison.ts';

const everyMs = 1000;

/** Creates the function that begins to follow; `show` gets each status. */
export function createFollower(show: (status: ComparisonStatus) => void): () => Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isRunning = false;

  return async function follow() {
    clearTimeout(timer);
    const status = await ask();
    if (status !== undefined) {
      isRunning = status.state === 'running';
      show(status);
    }
    // A lab that does not answer for a moment is asked again for what was running.
    clearTimeout(timer);
    if (isRunning) timer = setTimeout(follow, everyMs);
  };
}

async function ask(): Promise<ComparisonStatus | undefined> {
  try {
    const response = await fetch('/api/comparisons/latest', { signal: AbortSignal.timeout(5000) });
    return response.ok ? ((await response.json()) as ComparisonStatus) : undefined;
  } catch {
    return undefined;
  }
}
