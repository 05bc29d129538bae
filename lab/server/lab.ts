/**
 * The state of the lab and its stream: the services it listens to, their events, its own traffic, and the open pages.
 *
 * Messages are serialised once for all pages, most of them as the services sent them; `tick` and `heartbeat` are called
 * by a timer outside.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Resolve } from '@holdfast/shared/discovery/dns.ts';
import type { DocumentStep } from '@holdfast/shared/observability/events.ts';
import { createKeptSteps, type StepFacts } from '@holdfast/shared/observability/kept-steps.ts';
import { limitLog } from '@holdfast/shared/observability/limited-log.ts';
import type { Log } from '@holdfast/shared/observability/log.ts';
import type { ServiceStatus, StreamEntry } from '@holdfast/shared/observability/wire.ts';
import type { Clock } from '@holdfast/shared/resilience/deadline.ts';
import { type BufferedEntry, createEntryRing, type NewEntry } from './entry-ring.ts';
import { createHistory, type History } from './history.ts';
import type { HistoryFiles } from './history-files.ts';
import { createLabEvents } from './lab-events.ts';
import type { Ledger } from './ledger.ts';
import { listenToAll } from './listeners.ts';
import { createSampler } from './sample.ts';
import type { ServiceListener } from './service-listener.ts';
import type { ConfiguredAddress, ServiceAddress } from './settings.ts';
import type { Traffic, TrafficChange } from './traffic.ts';
import { createViewers, toMessage } from './viewers.ts';

/** What the lab is made of. */
export interface LabOptions {
  readonly places: readonly ConfiguredAddress[];
  readonly resolve?: Resolve | undefined;
  readonly traffic: Traffic;
  readonly ledger: Pick<Ledger, 'view'>;
  readonly tokenNeeded: boolean;
  /** Identifies this process of the lab. */
  readonly boot: string;
  readonly files: HistoryFiles;
  readonly clock: Clock;
  readonly log: Log;
}

/** The lab. */
export interface Lab {
  /** Every instance that is known now, from the front door to the end of the chain. */
  services(): readonly ServiceListener[];
  /** A `LabStatus` as JSON. */
  statusText(): string;
  /**
   * Opens the stream of one page.
   * @throws {UnavailableError} when too many pages are open.
   */
  watch(request: IncomingMessage, response: ServerResponse, lastEventId: string | undefined): void;
  /** The steps of one document that were heard, as JSON; a part is found by its own id. */
  stepsOf(id: string): readonly string[];
  /** The steps of whatever is a part of one document. */
  stepsOfParts(parent: string): readonly string[];
  /** The kept events, the oldest first. */
  entries(): readonly BufferedEntry[];
  /** Tells every page what the audit found. */
  tellFinding(what: string): void;
  /** What is kept of the last 30 minutes. */
  history(): ReturnType<History['answer']>;
  /** Takes a sample once a second, and sends the status to every page. Called four times a second. */
  tick(): void;
  heartbeat(): void;
  /** Tells that the traffic was switched. */
  onSwitch(change: TrafficChange): void;
  /** Tells that everything was reset, or what was not. */
  onReset(complaint?: string): void;
  /** Resolves when the history is written. */
  stop(): Promise<void>;
}

/** Steps that can be asked for by document, beside those of the services: they outlive an instance that dies. */
const askableSteps = { smooth: 4_000, eventful: 16_000 } as const;

/** Steps of documents that a page begins with, of each service: one that catches up pushes out none of another. */
const keptSteps = 150;

/** Creates the lab and begins to listen. */
export function createLab(options: LabOptions): Lab {
  const { places, resolve, traffic, ledger, tokenNeeded, boot, files, clock, log } = options;
  const { read } = files;
  const ring = createEntryRing(boot);
  ring.restore(read.entries);
  const history = createHistory(ring, read.samples);
  const takeSample = createSampler();
  const byDocument = createKeptSteps<string>(askableSteps);
  const steps = new Map<string, { readonly at: number; readonly text: string }[]>();
  const viewers = createViewers(clock);
  const write = limitLog(log);
  let hasStopped = false;
  const events = createLabEvents({
    clock,
    traffic: traffic.status,
    isOneOfMany: ({ name }) => listeners.list().filter((other) => other.name === name).length > 1,
    tell: tellAll,
  });
  if (read.lastAt > 0) events.begun(read);
  if (read.traffic?.on) keepSwitch({ ...read.traffic, on: false });
  const listeners = listenToAll(places, {
    resolve,
    clock,
    heardBefore: read.lastIds,
    onEntry,
    onStep,
    onAway,
    onBack,
    onForgotten: events.forgotten,
  });

  return {
    services: listeners.list,
    statusText: () => `{${toStatusMembers()}}`,
    watch(request, response, lastEventId) {
      const { gap, history: told, missed } = ring.replay(lastEventId);
      const lists = `"history":[${told.map(({ text }) => text)}],"steps":[${toStepTexts()}]`;
      const snapshot = `{${toStatusMembers()},"lastId":"${ring.lastId()}","gap":${gap},${lists}}`;
      // With events to replay, the id stays the page's own: otherwise a disconnect in between would lose the rest.
      const id = missed.length === 0 ? ring.lastId() : undefined;
      viewers.open(response, toMessage('snapshot', snapshot, id) + missed.map(toEntryMessage).join(''));
      if (request.method === 'HEAD') response.end();
    },
    stepsOf: byDocument.of,
    stepsOfParts: byDocument.ofPartsOf,
    entries: ring.all,
    tellFinding: events.found,
    history: () => history.answer(clock()),
    tick() {
      const sample = takeSample(clock(), listeners.list(), traffic.status);
      if (sample !== undefined) {
        history.add(sample);
        files.add({ sample });
        events.look(listeners.list().flatMap(toHeard));
        void files.write();
        viewers.send(toMessage('sample', JSON.stringify(sample)));
      }
      if (viewers.count() > 0) viewers.sendTick(toMessage('tick', `{${toStatusMembers()}}`));
    },
    heartbeat: () => viewers.send(toMessage('heartbeat', `{"at":${Math.round(clock())}}`)),
    onSwitch(change) {
      if (hasStopped) return;
      keepSwitch(change);
      events.switched(change);
    },
    onReset: events.reset,
    async stop() {
      hasStopped = true;
      listeners.stop();
      viewers.close();
      await files.write();
      files.add({ end: Math.round(clock()) });
      await files.write();
    },
  };

  function onEntry({ name: origin, url }: ServiceAddress, entry: StreamEntry): void {
    tellAll({ ...entry, origin, url }, entry.id);
  }

  function tellAll(entry: NewEntry, from?: string): void {
    const added = ring.add(entry);
    files.add({ entry: JSON.parse(added.text), ...(from === undefined ? {} : { from }) });
    viewers.send(toEntryMessage(added));
  }

  function keepSwitch({ on, ratePerSecond }: Pick<TrafficChange, 'on' | 'ratePerSecond'>): void {
    files.add({ traffic: { on, ratePerSecond } });
  }

  function onStep({ name }: ServiceAddress, text: string, at: number): void {
    const own = steps.get(name) ?? [];
    steps.set(name, own);
    own.push({ at, text });
    if (own.length > keptSteps) own.shift();
    const step = JSON.parse(text) as StepFacts & DocumentStep;
    const { id, parent, status, by } = step;
    byDocument.add({ id, parent, status, by }, text);
    viewers.send(toMessage('order', text));
  }

  function onAway(
    place: ServiceAddress,
    away: string,
    last: ServiceStatus | null,
    heardAt: number | null,
  ): void {
    const { name, url } = place;
    const fields = { event: 'away', to: name, url, away };
    const message = `${name} at ${url} is away: ${away}; trying again`;
    write({ cause: `away ${url}`, level: 'info', fields, message });
    events.lost(place, away, last, heardAt);
  }

  function onBack(place: ServiceAddress, before: ServiceStatus | null, now: ServiceStatus): void {
    const { name, url } = place;
    const fields = { event: 'heard', to: name, url };
    write({ cause: `heard ${url}`, level: 'info', fields, message: `${name} at ${url} is heard again` });
    events.back(place, before, now);
  }

  function toStepTexts(): string[] {
    const all = [...steps.values()].flat();
    return all.sort((a, b) => a.at - b.at).map(({ text }) => text);
  }

  function toStatusMembers(): string {
    const own = JSON.stringify({
      at: Math.round(clock()),
      traffic: traffic.status(),
      tokenNeeded,
      ledger: ledger.view(listeners.list()),
    });
    return `${own.slice(1, -1)},"services":[${listeners.list().map((service) => service.text())}]`;
  }
}

/** A service that starts has not met its database yet, which is no outage. */
function toHeard(service: ServiceListener): { name: string; database: string }[] {
  const status = service.fresh();
  return status === null || status.phase === 'starting'
    ? []
    : [{ name: service.name, database: status.database }];
}

function toEntryMessage({ event, text, id }: BufferedEntry): string {
  return toMessage(event, text, id);
}
