/** The events of the page: merged from stream and history, the newest first, each once. */
import { toBreakerKey } from '../../server/breaker-key.ts';
import { keptEntries } from '../../server/kept.ts';
import type { LabEntry, ServiceEntry } from '../../server/wire.ts';
import type { Change } from './state-strip.ts';

/** What the list of events can leave out. */
export const eventKinds = ['breakers', 'faults', 'processes', 'settings'] as const;

/** One of them. */
export type EventKind = (typeof eventKinds)[number];

/** The kind of an event in the list. */
export function toKind({ event }: LabEntry): EventKind {
  if (event === 'transition' || event === 'rejections') return 'breakers';
  if (event === 'fault') return 'faults';
  return event === 'configured' || event === 'policy' || event === 'traffic' ? 'settings' : 'processes';
}

/** When an event began: rejections in a row are one that goes on. */
export function toBegin(entry: LabEntry): number {
  return (entry.event === 'rejections' ? entry.since : undefined) ?? entry.at;
}

/** Adds events; those that are told again, under whatever id, are kept once, and a row of rejections is renewed. */
export function addEntries(known: readonly LabEntry[], added: readonly LabEntry[]): readonly LabEntry[] {
  const all = new Map(known.map((entry) => [toIdentity(entry), entry]));
  let isNew = false;
  for (const entry of added) {
    const identity = toIdentity(entry);
    const before = all.get(identity);
    if (before !== undefined && before.at >= entry.at) continue;
    all.set(identity, entry);
    isNew = true;
  }
  if (!isNew) return known;
  return [...all.values()].sort((a, b) => toBegin(b) - toBegin(a)).slice(0, keptEntries);
}

const identities = new WeakMap<LabEntry, string>();

/** What is the same of an event when the lab or the service tells it again; made once for each. */
export function toIdentity(entry: LabEntry): string {
  const identity = identities.get(entry) ?? makeIdentity(entry);
  identities.set(entry, identity);
  return identity;
}

function makeIdentity(entry: LabEntry): string {
  if (entry.event === 'rejections') return `${toKey(entry)} ${toBegin(entry)}`;
  return `${entry.event} ${entry.at} ${entry.origin} ${entry.instance} ${entry.line}`;
}

/** The key of the breaker of an event. */
export function toKey({ origin, url, name }: ServiceEntry & { readonly name: string }): string {
  return toBreakerKey(origin, url, name);
}

const changesOf = new WeakMap<readonly LabEntry[], ReadonlyMap<string, readonly Change[]>>();

/** The changes of one breaker, the oldest first; made once for each list of events. */
export function toChanges(entries: readonly LabEntry[], key: string): readonly Change[] {
  const made = changesOf.get(entries) ?? makeChanges(entries);
  changesOf.set(entries, made);
  return made.get(key) ?? [];
}

function makeChanges(entries: readonly LabEntry[]): ReadonlyMap<string, readonly Change[]> {
  const changes = new Map<string, Change[]>();
  for (const entry of entries.toReversed()) {
    if (entry.event !== 'transition') continue;
    const { at, from, to } = entry;
    const list = changes.get(toKey(entry)) ?? [];
    list.push({ at, from, to });
    changes.set(toKey(entry), list);
  }
  return changes;
}
