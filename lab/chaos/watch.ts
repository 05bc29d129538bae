/**
 * Follows a run of chaos once a second: what it counts becomes progress for its user and charts of its report.
 */
import { createProgress, type Progress } from '../measure/progress.ts';
import type { Journal } from '../report/journal.ts';
import type { Customers } from './customers.ts';

/** Who follows a run. */
export interface RunWatch {
  /** Marks and events of the run; nobody listens by default. */
  readonly journal: Pick<Journal, 'mark' | 'note'>;
  /** Reads the customers once a second until the returned function is called. */
  follow(customers: Pick<Customers, 'orders'>): () => void;
  /** What the run does now, in words. */
  phase(words: string): void;
}

/** Nobody follows. */
export const unwatched: RunWatch = {
  journal: { mark: () => undefined, note: () => undefined },
  follow: () => () => undefined,
  phase: () => undefined,
};

const everyMs = 1000;
const rates = { title: 'Orders', unit: 'orders a second' };
const open = { title: 'Not ended', unit: 'orders that were sent and have no final answer' };

/** Follows a run of so many seconds; `end` stops its progress. */
export function watchRun(
  seconds: number,
  journal: Journal,
  progress: Progress = createProgress(),
): RunWatch & { end(): void } {
  const beganAt = performance.now();
  let words = 'starting';
  let counts = '';
  const say = () => {
    const elapsed = Math.round((performance.now() - beganAt) / 1000);
    progress.say(`${elapsed} s (the run takes ${seconds} s and what follows): ${words}${counts}`);
  };
  const timer = setInterval(say, everyMs);
  return {
    journal,
    follow({ orders }) {
      let before = { sent: 0, acknowledged: 0, ended: 0 };
      const read = () => {
        const now = { sent: orders.length, acknowledged: 0, ended: 0 };
        for (const { acknowledged, final } of orders) {
          if (acknowledged) now.acknowledged += 1;
          if (final !== undefined) now.ended += 1;
        }
        journal.point(rates, {
          sent: now.sent - before.sent,
          acknowledged: now.acknowledged - before.acknowledged,
          ended: now.ended - before.ended,
        });
        journal.point(open, { orders: now.sent - now.ended });
        counts = `; ${now.sent} orders sent, ${now.acknowledged} acknowledged, ${now.ended} ended`;
        before = now;
      };
      const following = setInterval(read, everyMs);
      return () => clearInterval(following);
    },
    phase(next) {
      words = next;
      journal.note({ who: 'run', text: next, level: 'info' });
      say();
    },
    end() {
      clearInterval(timer);
      progress.end();
    },
  };
}
