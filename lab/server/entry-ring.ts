/**
 * The newest events of all services, each with its id in the lab's own stream: `<boot>-<number>`.
 *
 * A page that reconnects with the id of its last event gets what it missed. When that is no longer buffered, or the lab
 * was restarted, there is a gap, and the page gets the history.
 */
import type { StreamEntry } from '@holdfast/shared/observability/wire.ts';
import type { LabEntry } from './wire.ts';

/** One event, ready to be sent. */
export interface BufferedEntry {
  readonly number: number;
  /** Its id in the lab's stream. */
  readonly id: string;
  readonly at: number;
  readonly event: string;
  /** The event as JSON. */
  readonly text: string;
}

/** What a page gets when it connects. */
export interface Replay {
  /** Whether events after the page's last one are lost. */
  readonly gap: boolean;
  /** The events before the page's last one; for a new page, all. By time, the oldest first. */
  readonly history: readonly BufferedEntry[];
  /** What the page missed, in the sequence of the stream. */
  readonly missed: readonly BufferedEntry[];
}

/** The ring. */
export interface EntryRing {
  readonly boot: string;
  /** Adds an event of the service called `origin`, under an id of the lab's. */
  add(origin: string, entry: StreamEntry): BufferedEntry;
  /** The id of the newest event; number 0 before the first. */
  lastId(): string;
  replay(lastEventId: string | undefined): Replay;
}

/** Events that are kept for pages that reconnect. */
const kept = 500;
/** Events that a page begins with. */
const shown = 200;

/** Creates a ring without events; `boot` identifies this process of the lab. */
export function createEntryRing(boot: string): EntryRing {
  const ring: BufferedEntry[] = [];
  let last = 0;

  return {
    boot,
    add(origin, entry) {
      last += 1;
      const own: LabEntry = { ...entry, id: toId(last), origin };
      const { id, at, event } = own;
      const one: BufferedEntry = { number: last, id, at, event, text: JSON.stringify(own) };
      ring.push(one);
      if (ring.length > kept) ring.shift();
      return one;
    },
    lastId: () => toId(last),
    replay(lastEventId) {
      const seen = lastEventId === undefined ? undefined : toNumber(lastEventId);
      const isKnown = seen !== undefined && seen >= last - ring.length && seen <= last;
      const after = isKnown ? seen : last;
      return {
        gap: lastEventId !== undefined && !isKnown,
        history: byTime(ring.filter(({ number }) => number <= after)).slice(-shown),
        missed: ring.filter(({ number }) => number > after),
      };
    },
  };

  function toId(number: number): string {
    return `${boot}-${number}`;
  }

  function toNumber(id: string): number | undefined {
    const [, of, number] = /^(.+)-(\d{1,15})$/.exec(id) ?? [];
    return of === boot ? Number(number) : undefined;
  }
}

/** Events of several services arrive as their streams begin, so the sequence of arrival is not that of time. */
function byTime(entries: readonly BufferedEntry[]): BufferedEntry[] {
  return entries.toSorted((a, b) => a.at - b.at || a.number - b.number);
}
