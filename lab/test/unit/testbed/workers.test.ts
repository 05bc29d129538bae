import { describe, expect, it } from 'vitest';
import { createWorkers } from '../../../testbed/workers.ts';

/** Workers in a time that stands still until it is told to go on; says what has ended and when. */
function useWorkers(settings: Partial<Parameters<typeof createWorkers>[0]> = {}) {
  let nowMs = 0;
  let timers: { atMs: number; then: () => void }[] = [];
  const ended: string[] = [];
  const workers = createWorkers(
    { workers: 1, queueMax: null, dropsAbandoned: false, ...settings },
    { clock: () => nowMs, after: (ms, then) => timers.push({ atMs: nowMs + ms, then }) },
  );
  return {
    workers,
    ended,
    work: (name: string, ms = 100) => ({ begin: () => ms, end: () => ended.push(`${name} at ${nowMs}`) }),
    /** Goes on; each timer fires `lateMs` late. */
    advance(ms: number, lateMs = 0) {
      const untilMs = nowMs + ms;
      for (;;) {
        const [next] = timers.toSorted((a, b) => a.atMs - b.atMs);
        if (next === undefined || next.atMs + lateMs > untilMs) break;
        timers = timers.filter((timer) => timer !== next);
        nowMs = Math.max(nowMs, next.atMs + lateMs);
        next.then();
      }
      nowMs = untilMs;
    },
  };
}

describe('the workers of a neighbour', () => {
  it('work on as many calls at once as there are, the others wait their turn', () => {
    const { workers, ended, work, advance } = useWorkers({ workers: 2 });
    for (const name of ['a', 'b', 'c', 'd']) expect(workers.offer(work(name))).toBe(true);
    advance(1000);
    expect(ended).toEqual(['a at 100', 'b at 100', 'c at 200', 'd at 200']);
  });

  it('are no slower when timers fire late', () => {
    const { workers, ended, work, advance } = useWorkers();
    for (const name of ['a', 'b', 'c']) workers.offer(work(name));
    advance(1000, 7);
    expect(ended).toEqual(['a at 107', 'b at 207', 'c at 307']);
  });

  it('refuse what may not even wait', () => {
    const { workers, work } = useWorkers({ queueMax: 1 });
    expect(['a', 'b', 'c'].map((name) => workers.offer(work(name)))).toEqual([true, true, false]);
  });

  it('drop what was abandoned while it waited, where they are told to, and finish what was begun', () => {
    for (const dropsAbandoned of [true, false]) {
      const { workers, ended, work, advance } = useWorkers({ dropsAbandoned });
      const [a, b, c] = ['a', 'b', 'c'].map((name) => work(name)) as [
        ReturnType<typeof work>,
        ...ReturnType<typeof work>[],
      ];
      for (const one of [a, b, c]) if (one !== undefined) workers.offer(one);
      workers.abandon(a);
      if (b !== undefined) workers.abandon(b);
      advance(1000);
      expect(ended).toEqual(dropsAbandoned ? ['a at 100', 'c at 200'] : ['a at 100', 'b at 200', 'c at 300']);
    }
  });

  it('forget everything at a crash, and begin anew', () => {
    const { workers, ended, work, advance } = useWorkers();
    workers.offer(work('a'));
    workers.offer(work('b'));
    advance(50);
    workers.clear();
    workers.offer(work('c'));
    advance(1000);
    expect(ended).toEqual(['c at 150']);
  });
});
