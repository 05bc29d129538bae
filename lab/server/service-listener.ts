/**
 * Listens to one service: keeps its last status, and reports new events. It reconnects for ever.
 *
 * A tick is kept as the received text, since it goes to every page unchanged, four times a second. Events that a new
 * stream repeats are skipped.
 */

import type { ServiceStatus, Snapshot, StreamEntry } from '@holdfast/shared/observability/wire.ts';
import type { BreakerSettings } from '@holdfast/shared/resilience/breaker-settings.ts';
import type { BreakerState } from '@holdfast/shared/resilience/breaker-state.ts';
import type { Clock } from '@holdfast/shared/resilience/deadline.ts';
import { isRecord } from './is-record.ts';
import { readStream, type StreamMessage } from './read-stream.ts';
import type { ServiceAddress } from './settings.ts';

/** The options and callbacks of a listener. */
export interface ListenerOptions {
  readonly place: ServiceAddress;
  readonly clock: Clock;
  readonly onEntry: (place: ServiceAddress, entry: StreamEntry) => void;
  /** A step of a document, as JSON. */
  readonly onStep: (place: ServiceAddress, text: string, at: number) => void;
  /** Called once when it is away, with its last status and when it was heard for the last time. */
  readonly onAway: (
    place: ServiceAddress,
    why: string,
    last: ServiceStatus | null,
    heardAt: number | null,
  ) => void;
  /** Called when it is back, with its last status before. */
  readonly onBack: (place: ServiceAddress, before: ServiceStatus | null, now: ServiceStatus) => void;
  /** Called when a process has a breaker no more, which no event of its own says, with its last state. */
  readonly onForgotten: (place: ServiceAddress, name: string, state: BreakerState) => void;
  /** The id of the last event that an earlier life of the lab heard of it. */
  readonly heardBefore?: string | undefined;
}

/** One service that is listened to. */
export interface ServiceListener extends ServiceAddress {
  /** Whether its stream is open and had a message in the last 5 s. */
  isConnected(): boolean;
  /** Its last status, when it is connected and said it not long ago. */
  fresh(): ServiceStatus | null;
  /** The present state of a breaker: a transition comes before the next status. */
  stateOf(breaker: { readonly name: string; readonly state: BreakerState }): BreakerState;
  /** A `LabService` as JSON. */
  text(): string;
  /** The settings of its breakers when each was first seen in its present process. */
  firstSettings(): ReadonlyMap<string, BreakerSettings>;
  /** The settings of the way to its next hop that were changed in its present process, as they were before; `part.setting`. */
  firstPolicy(): ReadonlyMap<string, number>;
  stop(): void;
}

/** Failed attempts, about four seconds, before a starting service is reported as away. */
const patientAttempts = 5;

/** Silence after which a service counts as away; its heartbeat comes every 2 s. */
const silentMs = 5000;

/** Age up to which a status counts for the present second; services send four a second. */
const freshMs = 1500;

/** Kinds of messages that have an id and are replayed. */
const replayedKinds = new Set(['transition', 'rejections', 'configured', 'policy', 'fault']);

/** Begins to listen. */
export function listenTo(options: ListenerOptions): ServiceListener {
  const { place, clock } = options;
  const head = JSON.stringify(place).slice(0, -1);
  const firstSettings = new Map<string, BreakerSettings>();
  const firstPolicy = new Map<string, number>();
  let isOpen = false;
  let isKnownAway = false;
  let attempts = 0;
  let lastHeardAt: number | null = null;
  let status = 'null';
  let current: ServiceStatus | null = null;
  const changed = new Map<string, BreakerState>();
  let processStartedAt: number | undefined;
  let lastId = options.heardBefore ?? '';
  let lastStepAt = 0;

  const stop = readStream({ url: `${place.url}/events`, silentMs, lastId, onMessage, onLost });

  return {
    ...place,
    isConnected,
    fresh: () => (isConnected() && clock() - (lastHeardAt ?? 0) < freshMs ? current : null),
    stateOf: ({ name, state }) => changed.get(name) ?? state,
    text: () => `${head},"connected":${isConnected()},"lastHeardAt":${lastHeardAt},"status":${status}}`,
    firstSettings: () => firstSettings,
    firstPolicy: () => firstPolicy,
    stop,
  };

  function isConnected(): boolean {
    return isOpen && clock() - (lastHeardAt ?? 0) <= silentMs;
  }

  function onLost(why: string): void {
    attempts += 1;
    if (!isKnownAway && (isOpen || attempts === patientAttempts)) {
      isKnownAway = true;
      options.onAway(place, why, current, lastHeardAt);
    }
    isOpen = false;
  }

  function onMessage({ event, data, text }: StreamMessage): void {
    lastHeardAt = Math.round(clock());
    if (!isRecord(data)) return; // not a message of a service; a page could not parse it
    if (event === 'tick') take(toOneLine(text, data), data as unknown as ServiceStatus);
    else if (event === 'snapshot') begin(data as unknown as Snapshot);
    else if (replayedKinds.has(event)) tellEntry(data as unknown as StreamEntry);
    else if (event !== 'heartbeat') tellStep(toOneLine(text, data), Number(data.at));
  }

  /** Missed events follow the snapshot one by one, except after the first connection or a gap. */
  function begin({ history, documents, lastId: _, gap, ...own }: Snapshot): void {
    if (own.startedAt !== processStartedAt) {
      firstSettings.clear();
      firstPolicy.clear();
    }
    processStartedAt = own.startedAt;
    const before = current;
    take(JSON.stringify(own), own);
    if (gap || lastId === '') for (const entry of history) tellEntry(entry);
    const { service, instance } = own;
    for (const step of documents.filter(({ at }) => at > lastStepAt))
      tellStep(JSON.stringify({ service, instance, ...step }), step.at);
    isOpen = true;
    if (isKnownAway) options.onBack(place, before, own);
    isKnownAway = false;
  }

  /** Breakers come and go with the instances behind them. */
  function take(text: string, taken: ServiceStatus): void {
    const { breakers = [] }: Partial<Pick<ServiceStatus, 'breakers'>> = taken;
    const names = new Set(breakers.map(({ name }) => name));
    const before = current?.startedAt === taken.startedAt ? (current.breakers ?? []) : [];
    for (const { name, state } of before)
      if (!names.has(name)) options.onForgotten(place, name, changed.get(name) ?? state);
    status = text;
    current = taken;
    changed.clear();
    for (const name of firstSettings.keys()) if (!names.has(name)) firstSettings.delete(name);
    for (const { name, config } of breakers) {
      if (firstSettings.has(name)) continue;
      const { attemptTimeoutMs: _, ...settings } = config;
      firstSettings.set(name, settings);
    }
  }

  function tellEntry(entry: StreamEntry): void {
    if (!isAfter(entry.id, lastId)) return;
    lastId = entry.id;
    if (entry.event === 'transition') changed.set(entry.name, entry.to);
    if (entry.event === 'policy')
      for (const { setting, from } of entry.changed)
        if (!firstPolicy.has(setting)) firstPolicy.set(setting, from);
    options.onEntry(place, entry);
  }

  function tellStep(text: string, at: number): void {
    lastStepAt = Math.max(lastStepAt, at);
    options.onStep(place, `${text.slice(0, -1)},"origin":"${place.name}"}`, at);
  }
}

/** Whether an id is new: of another process of the service, or with a greater number. */
function isAfter(id: string, last: string): boolean {
  const [boot, number] = split(id);
  const [lastBoot, lastNumber] = split(last);
  return boot !== lastBoot || number > lastNumber;
}

function split(id: string): [boot: string, number: number] {
  const at = id.lastIndexOf('-');
  return [id.slice(0, at), Number(id.slice(at + 1))];
}

/** The received text without line breaks, which would break the lab's own stream. */
function toOneLine(data: string, message: object): string {
  return /[\r\n]/.test(data) || data !== data.trim() ? JSON.stringify(message) : data;
}
