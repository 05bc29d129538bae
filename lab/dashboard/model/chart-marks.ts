/** What is marked on the charts beside the lines: times of faults, and the moments at which something went or came. */
import type { LabEntry } from '../../server/wire.ts';

/** A time in which a fault was on. */
export interface FaultWindow {
  readonly from: number;
  readonly to: number;
  readonly label: string;
}

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

/** Faults that go on are marked until far in the future; a chart cuts them off. */
const open = Number.MAX_SAFE_INTEGER;

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
  const windows: FaultWindow[] = [];
  const marks: Mark[] = [];
  const begun = new Map<string, FaultWindow & { readonly instance: string }>();
  for (const entry of entries.toReversed()) {
    if (entry.event === 'fault') {
      const { fault, change } = entry;
      const key = `${entry.url} ${fault.name}`;
      const before = begun.get(key);
      if (before !== undefined) windows.push(toWindow(before, entry.at));
      begun.delete(key);
      if (change === 'off') continue;
      const label = `${entry.service}: ${fault.type}${fault.rate < 1 ? ` ${Math.round(fault.rate * 100)}%` : ''}`;
      begun.set(key, { from: entry.at, to: fault.expiresAt ?? open, label, instance: entry.instance });
    } else if (entry.event === 'process' || entry.event === 'database' || entry.event === 'lab') {
      marks.push({ at: entry.at, level: entry.level ?? 'info', label: entry.text });
      // Faults are in the memory of a process.
      if (entry.event === 'process' && entry.level !== 'good') endFaultsOf(entry);
    } else if (entry.event === 'traffic') {
      marks.push({ at: entry.at, level: 'info', label: entry.text });
    }
  }
  return { windows: [...windows, ...[...begun.values()].map((window) => toWindow(window, open))], marks };

  function endFaultsOf({ instance, at }: LabEntry): void {
    for (const [key, window] of begun) {
      if (window.instance !== instance) continue;
      windows.push(toWindow(window, at));
      begun.delete(key);
    }
  }
}

function toWindow({ from, to, label }: FaultWindow, atMost: number): FaultWindow {
  return { from, to: Math.min(to, atMost), label };
}
