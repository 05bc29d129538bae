/**
 * The newest events, each with its id in the lab's own stream: `<boot>-<number>`. Rejections of one breaker in a row are
 * one event, which is renewed.
 *
 * A page that reconnects with the id of its last event gets what it missed. When that is too much, or not kept any
 * more, there is a gap, and the page gets the newest events.
 */
import { toBreakerKey } from './breaker-key.ts';
import { keptEntries } from './kept.ts';
import type { LabEntry, LabMadeEntry, ServiceEntry } from './wire.ts';

/** One event, ready to be sent. */
export interface BufferedEntry {
  readonly number: number;
  /** Its id in the lab's stream. */
  readonly id: string;
  readonly at: number;
  readonly event: string;
  /** When the first of a row came; else `at`. */
  readonly since: number;
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

type WithoutId<T> = T extends unknown ? Omit<T, 'id' | 'since'> : never;

/** An event before the lab gave it an id. */
export type NewEntry = WithoutId<ServiceEntry> | WithoutId<LabMadeEntry>;

/** The ring. */
export interface EntryRing {
  /** Adds an event under an id of the lab's. */
  add(entry: NewEntry): BufferedEntry;
  /** Adds events of an earlier life of the lab, the oldest first; called before the first `add`. */
  restore(entries: readonly LabEntry[]): void;
  /** All that are kept, by time, the oldest first. */
  all(): readonly BufferedEntry[];
  /** The id of the newest event; number 0 before the first. */
  lastId(): string;
  replay(lastEventId: string | undefined): Replay;
}

/** Events that a page which reconnects can get one by one. */
const replayed = 500;
/** Events that a page begins with. */
const shown = 200;
/** Rejections after a longer pause begin a row of their own. */
const longestPauseMs = 30_000;

/** Creates a ring without events; `boot` identifies this process of the lab. */
export function createEntryRing(boot: string): EntryRing {
  let ring: BufferedEntry[] = [];
  /** By breaker: the last rejections, while nothing else has happened to it. */
  const rows = new Map<string, BufferedEntry>();
  let last = 0;

  return {
    add(entry) {
      last += 1;
      return put({ ...entry, id: `${boot}-${last}` } as LabEntry, last);
    },
    restore(entries) {
      for (const [index, entry] of entries.entries()) put(entry, index - entries.length + 1);
    },
    all: () => byTime(ring),
    lastId: () => `${boot}-${last}`,
    replay(lastEventId) {
      const seen = lastEventId === undefined ? undefined : toNumber(lastEventId);
      const oldest = ring.at(-replayed - 1)?.number ?? Number.NEGATIVE_INFINITY;
      const isKnown = seen !== undefined && seen >= oldest && seen <= last;
      const after = isKnown ? seen : last;
      return {
        gap: lastEventId !== undefined && !isKnown,
        history: byTime(ring.filter(({ number }) => number <= after)).slice(-shown),
        missed: ring.filter(({ number }) => number > after),
      };
    },
  };

  function put(entry: LabEntry, number: number): BufferedEntry {
    const since = continueRow(entry);
    const own = entry.event === 'rejections' ? { ...entry, since } : entry;
    const { id, at, event } = own;
    const one: BufferedEntry = { number, id, at, event, since, text: JSON.stringify(own) };
    if (entry.event === 'rejections') rows.set(toRow(entry), one);
    ring.push(one);
    if (ring.length > keptEntries) ring.shift();
    return one;
  }

  /** Answers when its row began; the event before it in the row is dropped, since this one says all of it. */
  function continueRow(entry: LabEntry): number {
    if (entry.event !== 'rejections') {
      if (entry.event === 'transition' || entry.event === 'configured') rows.delete(toRow(entry));
      return entry.at;
    }
    const before = rows.get(toRow(entry));
    if (before === undefined || entry.at - before.at > longestPauseMs) return entry.since ?? entry.at;
    ring = ring.filter((one) => one !== before);
    return before.since;
  }

  /** The number of an id, also of an earlier life of the lab, whose events may have been restored. */
  function toNumber(id: string): number | undefined {
    const [of, number] = split(id);
    if (of === boot) return number;
    return ring.findLast((one) => {
      const [itsBoot, its] = split(one.id);
      return itsBoot === of && its <= number;
    })?.number;
  }
}

function split(id: string): [boot: string, number: number] {
  const [, boot = '', number = ''] = /^(.+)-(\d{1,15})$/.exec(id) ?? [];
  return [boot, number === '' ? Number.NaN : Number(number)];
}

function toRow({ origin, url, name }: { origin: string; url: string; name: string }): string {
  return toBreakerKey(origin, url, name);
}

/** Events of several services arrive as their streams begin, so the sequence of arrival is not that of time. */
function byTime(entries: readonly BufferedEntry[]): BufferedEntry[] {
  return entries.toSorted((a, b) => a.since - b.since || a.number - b.number);
}
