/**
 * The times in which faults were on, by the events of the lab: the charts of the page and its report mark them.
 */
import type { LabEntry, LabMadeEntry } from './wire.ts';

/** A time in which a fault was on. */
export interface FaultWindow {
  readonly from: number;
  readonly to: number;
  readonly label: string;
}

/** Faults that go on are marked until far in the future; a chart cuts them off. */
const open = Number.MAX_SAFE_INTEGER;

interface Begun extends FaultWindow {
  readonly service: string;
  readonly instance: string;
}

/** The windows of events that are listed the oldest first. */
export function toFaultWindows(entries: readonly LabEntry[]): FaultWindow[] {
  const ended: FaultWindow[] = [];
  const begun = new Map<string, Begun>();
  for (const entry of entries) {
    if (entry.event === 'fault') {
      const { fault, change, instance, service, at } = entry;
      const key = `${instance} ${fault.name}`;
      end(key, at);
      if (change === 'off') continue;
      const label = `${service}: ${fault.type}${fault.rate < 1 ? ` ${Math.round(fault.rate * 100)}%` : ''}`;
      begun.set(key, { from: at, to: fault.expiresAt ?? open, label, service, instance });
    } else if (entry.event === 'process' && entry.level === 'bad') {
      for (const [key, window] of begun) if (isIn(entry, window)) end(key, entry.at);
    }
  }
  return [...ended, ...[...begun.values()].map(toWindow)];

  function end(key: string, at: number): void {
    const window = begun.get(key);
    if (window === undefined) return;
    begun.delete(key);
    ended.push(toWindow({ ...window, to: Math.min(window.to, at) }));
  }
}

/** Faults are in the memory of a process; one that this life of the lab never heard has no instance. */
function isIn(process: LabMadeEntry, { service, instance }: Begun): boolean {
  return process.instance === '' ? process.service === service : process.instance === instance;
}

function toWindow({ from, to, label }: FaultWindow): FaultWindow {
  return { from, to, label };
}
