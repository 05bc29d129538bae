/**
 * The state of the lab on the page: a reducer over the messages of its stream.
 *
 * The time comes with each message. page-state.ts has the state of the page itself.
 */

import { toSamples } from '../../server/sample-columns.ts';
import type { LabEntry, LabHistory, LabSample, LabSnapshot, LabStatus, LabStep } from '../../server/wire.ts';
import { toLevel } from './chain.ts';
import { addEntries, toIdentity } from './entries.ts';
import { addSteps, emptyHistory, type OrderHistory, refreshShown } from './orders.ts';
import { toSentence } from './sentences.ts';
import { addSamples } from './series.ts';
import { learn, type ServerClock } from './server-clock.ts';

/** One message of the lab's stream; `receivedAt` by the reader's clock. */
export type LabMessage = { readonly receivedAt: number } & (
  | { readonly type: 'snapshot'; readonly snapshot: LabSnapshot }
  | { readonly type: 'tick'; readonly status: LabStatus }
  | { readonly type: 'entry'; readonly entry: LabEntry }
  | { readonly type: 'sample'; readonly sample: LabSample }
  | { readonly type: 'history'; readonly history: LabHistory }
  | { readonly type: 'steps'; readonly steps: readonly LabStep[] }
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
  /** One a second, the oldest first. */
  readonly samples: readonly LabSample[];
  /** Sentences for the live region, the oldest first. */
  readonly spoken: readonly { readonly id: string; readonly text: string }[];
}

/** Silence after which everything on the page is stale. */
export const staleAfterMs = 5_000;

/**
 * Sentences that stay in the live region. More than come between two renderings: when all but the newest are replaced at
 * once, lit moves that one in the document, and a screen reader reads it again.
 */
const maxSpoken = 20;

/** The state before the first message. */
export const emptyLab: LabState = {
  status: null,
  heardAt: null,
  clock: [],
  entries: [],
  missed: false,
  orders: emptyHistory,
  samples: [],
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
      return takeEntries(lab, [message.entry], { aloud: true });
    case 'sample':
      return { ...lab, samples: addSamples(lab.samples, [message.sample]) };
    case 'history':
      return takeHistory(lab, message.history);
    case 'steps':
      return takeSteps(lab, message.steps);
    case 'heartbeat':
      return lab;
  }
}

/** Every message ends a silence. */
function endSilence(lab: LabState, { receivedAt }: LabMessage): LabState {
  const { heardAt } = lab;
  if (heardAt === null || receivedAt - heardAt <= staleAfterMs) return { ...lab, heardAt: receivedAt };
  // After a long absence the lab can have another clock, which is estimated anew.
  return { ...lab, heardAt: receivedAt, clock: [] };
}

function takeSnapshot(lab: LabState, snapshot: LabSnapshot, before: LabState): LabState {
  const { history, steps, gap, lastId: _, ...status } = snapshot;
  const aloud = before.status !== null;
  let next = takeStatus({ ...lab, missed: gap }, status, lab.heardAt ?? status.at);
  next = takeEntries(next, history, { aloud });
  next = takeSteps(next, steps);
  // Without the usual delay: the table shows an earlier connection.
  const shown = { at: Number.NEGATIVE_INFINITY, roots: [] };
  return { ...next, orders: refreshShown({ ...next.orders, shown }, status.at) };
}

function takeStatus(lab: LabState, status: LabStatus, receivedAt: number): LabState {
  const orders = refreshShown(lab.orders, status.at);
  return { ...lab, status, orders, clock: learn(lab.clock, status.at, receivedAt) };
}

/** What was missed is in the history, as far as the lab has it. */
function takeHistory(lab: LabState, { samples, entries }: LabHistory): LabState {
  return {
    ...lab,
    missed: false,
    samples: addSamples(lab.samples, toSamples(samples)),
    entries: addEntries(lab.entries, entries),
  };
}

function takeEntries(lab: LabState, told: readonly LabEntry[], { aloud }: { aloud: boolean }): LabState {
  const entries = addEntries(lab.entries, told);
  if (entries === lab.entries || !aloud) return { ...lab, entries };
  const before = new Set(lab.entries.map(toIdentity));
  const sentences = told.flatMap((entry) => {
    if (before.has(toIdentity(entry))) return [];
    before.add(toIdentity(entry));
    const text = toSentence(entry);
    return text === undefined ? [] : [{ id: entry.id, text }];
  });
  return { ...lab, entries, spoken: [...lab.spoken, ...sentences].slice(-maxSpoken) };
}

function takeSteps(lab: LabState, steps: readonly LabStep[]): LabState {
  const levels = new Map<string, number>();
  const levelOf = ({ origin }: LabStep) => {
    const level = levels.get(origin) ?? toLevel(lab.status, origin);
    levels.set(origin, level);
    return level;
  };
  return { ...lab, orders: addSteps(lab.orders, steps, levelOf) };
}
