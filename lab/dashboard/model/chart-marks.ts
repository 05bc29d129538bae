/** What is marked on the charts beside the lines: times of faults, and the moments at which something went or came. */
import { type FaultWindow, toFaultWindows } from '../../server/fault-windows.ts';
import type { LabEntry } from '../../server/wire.ts';

/** A moment. */
export interface Mark {
  readonly at: number;
  readonly level: 'bad' | 'good' | 'info';
  readonly label: string;
}

/** The marks of all charts. */
export interface ChartMarks {
  readonly windows: readonly FaultWindow[];
  readonly marks: readonly Mark[];
}

const known = new WeakMap<readonly LabEntry[], ChartMarks>();

/** The marks of events that are listed the newest first; made once for each list. */
export function toMarks(entries: readonly LabEntry[]): ChartMarks {
  const made = known.get(entries) ?? makeMarks(entries);
  known.set(entries, made);
  return made;
}

/** What the marks say of a moment or a short time: `shipment: error 503; payment is gone …`. */
export function toMarkWords(
  { windows, marks }: ChartMarks,
  { from, to }: { readonly from: number; readonly to: number },
): string {
  return [
    ...new Set([
      ...windows.filter((window) => window.from < to && window.to > from).map(({ label }) => label),
      ...marks.filter(({ at }) => at >= from && at < to).map(({ label }) => label),
    ]),
  ].join('; ');
}

function makeMarks(entries: readonly LabEntry[]): ChartMarks {
  const oldestFirst = entries.toReversed();
  return { windows: toFaultWindows(oldestFirst), marks: oldestFirst.flatMap(toMark) };
}

function toMark(entry: LabEntry): Mark[] {
  switch (entry.event) {
    case 'process':
    case 'database':
    case 'lab':
      return [{ at: entry.at, level: entry.level ?? 'info', label: entry.text }];
    case 'traffic':
      return [{ at: entry.at, level: 'info', label: entry.text }];
    default:
      return [];
  }
}
