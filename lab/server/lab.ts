/**
 * The state of the lab and its stream: the services it listens to, their events, its own traffic, and the open pages.
 *
 * Messages are serialised once for all pages, most of them as the services sent them; `tick` and `heartbeat` are called
 * by a timer outside.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Resolve } from '@holdfast/shared/discovery/dns.ts';
import { createKeptSteps, type StepFacts } from '@holdfast/shared/observability/kept-steps.ts';
import { limitLog } from '@holdfast/shared/observability/limited-log.ts';
import type { Log } from '@holdfast/shared/observability/log.ts';
import type { StreamEntry } from '@holdfast/shared/observability/wire.ts';
import type { Clock } from '@holdfast/shared/resilience/deadline.ts';
import { type BufferedEntry, createEntryRing } from './entry-ring.ts';
import { createHistory, type History } from './history.ts';
import { listenToAll } from './listeners.ts';
import { createSampler } from './sample.ts';
import type { ServiceListener } from './service-listener.ts';
import type { ConfiguredAddress, ServiceAddress } from './settings.ts';
import type { Traffic } from './traffic.ts';
import { createViewers, toMessage } from './viewers.ts';

/** What the lab is made of. */
export interface LabOptions {
  readonly places: readonly ConfiguredAddress[];
  readonly resolve?: Resolve | undefined;
  readonly traffic: Traffic;
  readonly tokenNeeded: boolean;
  /** Identifies this process of the lab. */
  readonly boot: string;
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
  /** What is kept of the last 30 minutes. */
  history(): ReturnType<History['answer']>;
  /** Takes a sample once a second, and sends the status to every page. Called four times a second. */
  tick(): void;
  heartbeat(): void;
  stop(): void;
}

/** Steps that can be asked for by document, beside those of the services: they outlive an instance that dies. */
const askableSteps = { smooth: 4_000, eventful: 16_000 } as const;

/** Steps of documents that a page begins with. */
const keptSteps = 150;

/** Creates the lab and begins to listen. */
export function createLab({ places, resolve, traffic, tokenNeeded, boot, clock, log }: LabOptions): Lab {
  const ring = createEntryRing(boot);
  const history = createHistory(ring);
  const takeSample = createSampler();
  const steps: string[] = [];
  const byDocument = createKeptSteps<string>(askableSteps);
  const viewers = createViewers(clock);
  const write = limitLog(log);
  const listeners = listenToAll(places, { resolve, clock, onEntry, onStep, onChange });

  return {
    services: listeners.list,
    statusText: () => `{${toStatusMembers()}}`,
    watch(request, response, lastEventId) {
      const { gap, history: told, missed } = ring.replay(lastEventId);
      const lists = `"history":[${told.map(({ text }) => text)}],"steps":[${steps}]`;
      const snapshot = `{${toStatusMembers()},"lastId":"${ring.lastId()}","gap":${gap},${lists}}`;
      // With events to replay, the id stays the page's own: otherwise a disconnect in between would lose the rest.
      const id = missed.length === 0 ? ring.lastId() : undefined;
      viewers.open(response, toMessage('snapshot', snapshot, id) + missed.map(toEntryMessage).join(''));
      if (request.method === 'HEAD') response.end();
    },
    stepsOf: byDocument.of,
    stepsOfParts: byDocument.ofPartsOf,
    entries: ring.all,
    history: () => history.answer(clock()),
    tick() {
      const sample = takeSample(clock(), listeners.list(), traffic.status());
      if (sample !== undefined) {
        history.add(sample);
        viewers.send(toMessage('sample', JSON.stringify(sample)));
      }
      if (viewers.count() > 0) viewers.sendTick(toMessage('tick', `{${toStatusMembers()}}`));
    },
    heartbeat: () => viewers.send(toMessage('heartbeat', `{"at":${Math.round(clock())}}`)),
    stop() {
      listeners.stop();
      viewers.close();
    },
  };

  function onEntry({ name: origin, url }: ServiceAddress, entry: StreamEntry): void {
    viewers.send(toEntryMessage(ring.add({ ...entry, origin, url })));
  }

  function onStep(text: string): void {
    steps.push(text);
    const { id, parent, status, by } = JSON.parse(text) as StepFacts;
    byDocument.add({ id, parent, status, by }, text);
    if (steps.length > keptSteps) steps.shift();
    viewers.send(toMessage('order', text));
  }

  function onChange({ name, url }: ServiceAddress, away: string | undefined): void {
    const event = away === undefined ? 'heard' : 'away';
    const message =
      away === undefined
        ? `${name} at ${url} is heard again`
        : `${name} at ${url} is away: ${away}; trying again`;
    const fields = { event, to: name, url, ...(away === undefined ? {} : { away }) };
    write({ cause: `${event} ${url}`, level: 'info', fields, message });
  }

  function toStatusMembers(): string {
    const own = JSON.stringify({ at: Math.round(clock()), traffic: traffic.status(), tokenNeeded });
    return `${own.slice(1, -1)},"services":[${listeners.list().map((service) => service.text())}]`;
  }
}

function toEntryMessage({ event, text, id }: BufferedEntry): string {
  return toMessage(event, text, id);
}
