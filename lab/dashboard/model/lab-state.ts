/**
 * The state of the lab on the page: a reducer over the messages of its stream.
 *
 * The time comes with each message. page-state.ts has the state of the page itself.
 */
import { toBreakerKey } from '../../server/breaker-key.ts';
import type { LabEntry, LabService, LabSnapshot, LabStatus, LabStep } from '../../server/wire.ts';
import { toLevel } from './chain.ts';
import { addStep, emptyHistory, type OrderHistory, refreshShown } from './orders.ts';
import { toSentence } from './sentences.ts';
import { addSample, type Series, spanMs } from './series.ts';
import { learn, type ServerClock } from './server-clock.ts';
import type { Change, Silence } from './state-strip.ts';

/** One message of the lab's stream; `receivedAt` by the reader's clock. */
export type LabMessage = { readonly receivedAt: number } & (
  | { readonly type: 'snapshot'; readonly snapshot: LabSnapshot }
  | { readonly type: 'tick'; readonly status: LabStatus }
  | { readonly type: 'entry'; readonly entry: LabEntry }
  | { readonly type: 'step'; readonly step: LabStep }
  | { readonly type: 'heartbeat' }
);

/** The whole state. */
export interface LabState {
  /** `null` until the first snapshot. */
  readonly status: LabStatus | null;
  /** When the last message arrived, by the browser's clock. */
  readonly heardAt: number | null;
  readonly clock: ServerClock;
  /** The newest first. */
  readonly entries: readonly LabEntry[];
  /** Events were lost before the last snapshot. */
  readonly missed: boolean;
  readonly orders: OrderHistory;
  /** By breaker. */
  readonly series: Readonly<Record<string, Series>>;
  /** By breaker, the oldest first. */
  readonly changes: Readonly<Record<string, readonly Change[]>>;
  /** By the address of the service. */
  readonly silences: Readonly<Record<string, readonly Silence[]>>;
  /** Sentences for the live region, the oldest first. */
  readonly spoken: readonly { readonly id: string; readonly text: string }[];
}

/** Silence after which everything on the page is stale. */
export const staleAfterMs = 5_000;

/** Events that are kept. */
export const maxEntries = 200;

/** Age up to which a status counts for the present second; services send four a second. */
const freshMs = 1_500;

const maxChanges = 60;
const maxSpoken = 3;

/** The state before the first message. */
export const emptyLab: LabState = {
  status: null,
  heardAt: null,
  clock: [],
  entries: [],
  missed: false,
  orders: emptyHistory,
  series: {},
  changes: {},
  silences: {},
  spoken: [],
};

/** Applies one message. */
export function reduceLab(before: LabState, message: LabMessage): LabState {
  const lab = endSilence(before, message);
  switch (message.type) {
    case 'snapshot':
      return takeSnapshot(lab, message.snapshot, before);
    case 'tick':
      return takeStatus(lab, message.status, message.receivedAt);
    case 'entry':
      return takeEntry(lab, message.entry, { aloud: true });
    case 'step':
      return takeStep(lab, message.step);
    case 'heartbeat':
      return lab;
  }
}

/** Every message ends a silence; a long one leaves a gap in strips and charts. */
function endSilence(lab: LabState, { receivedAt }: LabMessage): LabState {
  const { heardAt } = lab;
  if (heardAt === null || receivedAt - heardAt <= staleAfterMs) return { ...lab, heardAt: receivedAt };
  const offsetMs = lab.clock.length === 0 ? 0 : Math.max(...lab.clock);
  const hole = { from: heardAt + offsetMs, to: receivedAt + offsetMs };
  const silences = Object.fromEntries(
    (lab.status?.services ?? []).map(({ url }) => [url, [...(lab.silences[url] ?? []), hole]]),
  );
  // After a long absence the lab can have another clock, which is estimated anew.
  return { ...lab, heardAt: receivedAt, clock: [], silences };
}

function takeSnapshot(lab: LabState, snapshot: LabSnapshot, before: LabState): LabState {
  const { history, steps, gap, lastId: _, ...status } = snapshot;
  const aloud = before.status !== null;
  let next = takeStatus({ ...lab, missed: gap }, status, lab.heardAt ?? status.at);
  for (const entry of history) next = takeEntry(next, entry, { aloud });
  for (const step of steps) next = takeStep(next, step);
  // Without the usual delay: the table shows an earlier connection.
  const shown = { at: Number.NEGATIVE_INFINITY, roots: [] };
  return { ...next, orders: refreshShown({ ...next.orders, shown }, status.at) };
}

function takeStatus(lab: LabState, status: LabStatus, receivedAt: number): LabState {
  const series: Record<string, Series> = {};
  const silences: Record<string, readonly Silence[]> = {};
  for (const service of status.services) {
    silences[service.url] = toSilences(lab.silences[service.url] ?? [], service, status.at);
    if (service.status === null) continue;
    for (const { name } of service.status.breakers) {
      const key = toBreakerKey(service.name, service.url, name);
      const known = lab.series[key] ?? [];
      // A status from before a silence does not count for this second.
      const isFresh = service.connected && status.at - (service.lastHeardAt ?? 0) < freshMs;
      const lately = isFresh ? service.status.lately[name] : undefined;
      series[key] = addSample(known, status.at, lately);
    }
  }
  const orders = refreshShown(lab.orders, status.at);
  const changes = withoutGone(lab.changes, series, status.at);
  return {
    ...lab,
    status,
    series,
    changes,
    silences,
    orders,
    clock: learn(lab.clock, status.at, receivedAt),
  };
}

/**
 * A breaker that is not reported any more is dropped when its last change has left the span, since its service can come
 * back.
 */
function withoutGone(
  changes: LabState['changes'],
  named: Readonly<Record<string, unknown>>,
  at: number,
): LabState['changes'] {
  const isKept = ([key, list]: [string, readonly Change[]]) =>
    key in named || (list.at(-1)?.at ?? 0) > at - spanMs;
  const all = Object.entries(changes);
  return all.every(isKept) ? changes : Object.fromEntries(all.filter(isKept));
}

function takeEntry(lab: LabState, entry: LabEntry, { aloud }: { aloud: boolean }): LabState {
  // A restarted lab sends the same events under new ids.
  if (lab.entries.some((known) => isSame(known, entry))) return lab;
  const place = lab.entries.findIndex((known) => known.at <= entry.at);
  const entries = lab.entries
    .toSpliced(place < 0 ? lab.entries.length : place, 0, entry)
    .slice(0, maxEntries);
  if (entry.event !== 'transition') return { ...lab, entries };
  const key = toBreakerKey(entry.origin, entry.url, entry.name);
  const change: Change = { at: entry.at, from: entry.from, to: entry.to };
  const changes = [...(lab.changes[key] ?? []), change].sort((a, b) => a.at - b.at).slice(-maxChanges);
  const spoken = aloud
    ? [...lab.spoken, { id: entry.id, text: toSentence(entry) }].slice(-maxSpoken)
    : lab.spoken;
  return { ...lab, entries, changes: { ...lab.changes, [key]: changes }, spoken };
}

function takeStep(lab: LabState, step: LabStep): LabState {
  return { ...lab, orders: addStep(lab.orders, step, toLevel(lab.status, step.origin)) };
}

function isSame(known: LabEntry, entry: LabEntry): boolean {
  return (
    known.at === entry.at &&
    known.event === entry.event &&
    known.origin === entry.origin &&
    known.instance === entry.instance &&
    known.line === entry.line
  );
}

/** Opens a silence when a service goes away and ends it when it is back; silences outside the span are dropped. */
function toSilences(known: readonly Silence[], service: LabService, at: number): readonly Silence[] {
  const open = known.at(-1)?.to === null;
  if (service.connected === !open) return known;
  if (open) return [...known.slice(0, -1), { from: known.at(-1)?.from ?? at, to: at }];
  const recent = known.filter(({ to }) => to === null || to > at - spanMs);
  return [...recent, { from: service.lastHeardAt ?? at, to: null }];
}
