/** Gets the lab's history: when the page is opened, and after each loss of its connection. */
import type { LabHistory } from '../../server/wire.ts';
import type { LabMessage } from '../model/lab-state.ts';

/** Time-out of one attempt, and the wait before the next. */
const patienceMs = 10_000;
const againMs = 2_000;
const attempts = 3;

/** Creates the function that gets the history; one that is under way is not begun again. */
export function createHistoryLoader(dispatch: (message: LabMessage) => void): () => void {
  let isLoading = false;

  async function load(left: number): Promise<void> {
    const response = await fetch('/api/history', { signal: AbortSignal.timeout(patienceMs) });
    if (response.ok) {
      const history = (await response.json()) as LabHistory;
      dispatch({ type: 'history', history, receivedAt: Date.now() });
    } else if (left > 1) {
      await new Promise((resolve) => setTimeout(resolve, againMs));
      await load(left - 1);
    }
  }

  return () => {
    if (isLoading) return;
    isLoading = true;
    // When it cannot be had, the page goes on with what it hears from now on; the next connection asks again.
    load(attempts)
      .catch(() => undefined)
      .finally(() => {
        isLoading = false;
      });
  };
}
