/**
 * The events behind `GET /events`: numbers them, keeps the newest, and passes them to listeners.
 *
 * Transitions, rejections, changes of settings and faults have ids and are replayed after a gap. Steps of documents are
 * too many for that: each listener gets a limited number a second, and the rest is counted. How they are written to a
 * connection is in event-routes.ts.
 */
import { randomUUID } from 'node:crypto';
import { toFaultLine, toFaultText } from '../faults/fault-words.ts';
import {
  toConfiguredLine,
  toConfiguredText,
  toPolicyLine,
  toPolicyText,
  toRejectionsLine,
  toRejectionsText,
  toTransitionLine,
  toTransitionReason,
} from '../resilience/breaker-words.ts';
import type { DocumentStep, Events } from './events.ts';
import { createKeptSteps } from './kept-steps.ts';
import type { LoggedEvent, ServiceIdentity, StreamEntry } from './wire.ts';

/** Events that are kept for a replay. */
export const keptEntries = 500;
/** Steps of documents that are kept for a snapshot. */
const keptSteps = 50;

/** Steps that can be asked for by the id of their document: a few megabytes. */
const askable = { smooth: 1_000, eventful: 5_000 } as const;

/** A listener of the stream. */
export interface StreamListener {
  entry(entry: StreamEntry): void;
  step(step: DocumentStep): void;
}

/** The newest events of a service. */
export interface Stream {
  /** The id of the newest entry; `<boot>-0` when there is none. */
  lastId(): string;
  /** The newest entries, the oldest first. */
  entries(limit: number): readonly StreamEntry[];
  /** The entries after `id`; `gap` when some are no longer kept, or `id` is of another run. */
  after(id: string): { readonly entries: readonly StreamEntry[]; readonly gap: boolean };
  /** The newest entries of one breaker, the oldest first. */
  ofBreaker(name: string): readonly StreamEntry[];
  steps(): readonly DocumentStep[];
  /** The steps of one document that are kept, the oldest first; with `parent`, of the part of that document. */
  stepsOf(id: string, parent?: string): readonly DocumentStep[];
  /** Passes on everything from now on; the returned function ends it. */
  listen(listener: StreamListener): () => void;
}

/** Creates the stream and subscribes it to the bus. */
export function createStream(events: Events, identity: ServiceIdentity): Stream {
  const boot = randomUUID().slice(0, 8);
  const entries: StreamEntry[] = [];
  const steps: DocumentStep[] = [];
  const byDocument = createKeptSteps<DocumentStep>(askable);
  const listeners = new Set<StreamListener>();
  let count = 0;

  events.on('transition', (event) => {
    emit({
      event: 'transition',
      ...identity,
      ...event,
      why: toTransitionReason(event),
      line: toTransitionLine(event),
    });
  });
  events.on('rejections', (event) => {
    const text = toRejectionsText(event);
    emit({ event: 'rejections', ...identity, ...event, text, line: toRejectionsLine(event) });
  });
  events.on('configured', (event) => {
    const text = toConfiguredText(event);
    emit({ event: 'configured', ...identity, ...event, text, line: toConfiguredLine(event) });
  });
  events.on('policy', (event) => {
    emit({ event: 'policy', ...identity, ...event, text: toPolicyText(event), line: toPolicyLine(event) });
  });
  events.on('fault', (event) => {
    emit({ event: 'fault', ...identity, ...event, text: toFaultText(event), line: toFaultLine(event) });
  });
  events.on('document', (step) => {
    steps.push(step);
    byDocument.add(step, step);
    if (steps.length >= keptSteps * 2) steps.splice(0, keptSteps);
    for (const listener of listeners) listener.step(step);
  });

  return {
    lastId: () => `${boot}-${count}`,
    entries: (limit) => entries.slice(-limit),
    after(id) {
      const [, from, number] = /^([0-9a-f]{8})-(\d{1,15})$/.exec(id) ?? [];
      const seen = from === boot ? Number(number) : Number.NaN;
      if (!(seen <= count)) return { entries: [...entries], gap: true };
      const missed = count - seen;
      return { entries: missed === 0 ? [] : entries.slice(-missed), gap: missed > entries.length };
    },
    ofBreaker: (breaker) => entries.filter((entry) => 'name' in entry && entry.name === breaker),
    steps: () => steps.slice(-keptSteps),
    stepsOf: (id, parent) =>
      byDocument.of(id).filter((step) => parent === undefined || step.parent === parent),
    listen(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };

  function emit(event: LoggedEvent): void {
    count += 1;
    const entry: StreamEntry = { ...event, id: `${boot}-${count}` };
    entries.push(entry);
    if (entries.length > keptEntries) entries.shift();
    for (const listener of listeners) listener.entry(entry);
  }
}
