/**
 * The charts of the lab's report: the answers of customers, what is pending, and the calls of every breaker, with the times
 * in which it was not closed and those of faults.
 *
 * A second that the lab did not see is a gap.
 */
import type { BreakerState } from '@holdfast/shared/resilience/breaker-state.ts';
import { stateNames } from '@holdfast/shared/resilience/breaker-words.ts';
import type { Chart, ChartLine, Point, Span } from '../report/report.ts';
import { toFaultWindows } from './fault-windows.ts';
import type { LabEntry, LabHistory } from './wire.ts';

/** The charts over a history. */
export function toCharts({ at: now, samples, entries }: LabHistory): Chart[] {
  const { at, customers, pending, breakers } = samples;
  const faults = toFaultSpans(entries, now);
  const states = new Map(
    Object.entries(breakers).map(([key, { state }]) => [key, toStateSpans(at, state, nameOf(key))]),
  );
  const line = (name: string, values: readonly (number | null)[] = []): ChartLine => ({
    name,
    points: toPoints(at, values),
  });
  const all = [...[...states.values()].flat(), ...faults];
  const { completed, pending: later, refused, failed, unanswered, p50Ms, p99Ms } = customers;
  return [
    {
      ...{ title: 'Answers to customers', unit: 'orders a second', spans: all },
      lines: [
        line('completed', completed),
        line('kept, finished later', later),
        line('refused', refused),
        line('failed', failed),
        line('no answer', unanswered),
      ],
    },
    {
      ...{ title: 'How long customers wait', unit: 'milliseconds', spans: all },
      lines: [line('half wait less (p50)', p50Ms), line('99 of 100 wait less (p99)', p99Ms)],
    },
    {
      ...{ title: 'Pending', unit: 'documents that wait to be handed on', spans: all },
      lines: Object.entries(pending).map(([name, counts]) => line(name, counts)),
    },
    ...Object.entries(breakers).map(
      ([key, columns]): Chart => ({
        title: `Calls of ${nameOf(key)}`,
        unit: 'calls a second',
        spans: [...(states.get(key) ?? []), ...faults],
        lines: [
          line('ok', columns.ok),
          line('failed', columns.failed),
          line('rejected at once', columns.rejected),
          line('sent by the relay', columns.relay),
        ],
      }),
    ),
  ].filter(({ lines }) => lines.length > 0);
}

/** The values with their times; after a second that is missing a gap. */
function toPoints(at: readonly number[], values: readonly (number | null)[]): Point[] {
  return at.flatMap((second, index): Point[] => {
    const before = at[index - 1];
    const point: Point = [second, values[index] ?? null];
    return before !== undefined && second - before > 2500 ? [[before + 1000, null], point] : [point];
  });
}

/** The times in which a breaker was in one state that is not closed. */
function toStateSpans(
  at: readonly number[],
  states: readonly (BreakerState | null)[] = [],
  name: string,
): Span[] {
  const spans: (Span & { readonly state: BreakerState })[] = [];
  for (const [index, state] of states.entries()) {
    const second = at[index] ?? 0;
    const last = spans.at(-1);
    if (last !== undefined && last.state === state && second - last.to <= 1500)
      spans[spans.length - 1] = { ...last, to: second };
    else if (state !== null && state !== 'closed') {
      const label = `${name} ${stateNames[state]}`;
      spans.push({ state, from: second - 1000, to: second, label, tone: toneOf(state) });
    }
  }
  return spans.map(({ state: _state, ...span }) => span);
}

function toneOf(state: BreakerState): Span['tone'] {
  if (state === 'half_open') return 'half-open';
  return state.endsWith('open') ? 'open' : 'other';
}

/** A fault that goes on is marked until now. */
function toFaultSpans(entries: readonly LabEntry[], now: number): Span[] {
  return toFaultWindows(entries).map((window) => ({
    ...window,
    to: Math.min(window.to, now),
    tone: 'fault',
  }));
}

/** The key without the place, which is an address of the machine. */
function nameOf(key: string): string {
  return key.split('/').slice(2).join('/');
}
