/** The chart of a rollout: what customers were answered in each second, by when they were answered. */
import type { FirstAnswer } from '../proxies/customers.ts';
import type { Chart, Point } from '../report/report.ts';

const kinds = {
  completed: (status: number | null) => status === 200,
  'kept, finished later': (status: number | null) => status === 202,
  'asked again': (status: number | null) => status !== 200 && status !== 202,
} as const;

/** Counts the answers of each second; `origin` is what the clock of the answers calls 1970. */
export function toAnswerChart(answers: readonly FirstAnswer[], origin: number): Chart {
  const counts = new Map<number, Record<string, number>>();
  for (const { at, status } of answers) {
    const second = Math.floor((origin + at) / 1000) * 1000;
    const own = counts.get(second) ?? {};
    counts.set(second, own);
    for (const [name, is] of Object.entries(kinds)) if (is(status)) own[name] = (own[name] ?? 0) + 1;
  }
  const seconds = [...counts.keys()].sort((a, b) => a - b);
  const [first = 0, last = -1] = [seconds[0], seconds.at(-1)];
  const all = Array.from({ length: Math.max(0, (last - first) / 1000 + 1) }, (_, n) => first + n * 1000);
  return {
    ...{ title: 'Answers to customers', unit: 'orders a second', spans: [] },
    lines: Object.keys(kinds).map((name) => ({
      name,
      points: all.map((at): Point => [at, counts.get(at)?.[name] ?? 0]),
    })),
  };
}
