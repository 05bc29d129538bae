/**
 * Puts the story of one order together: the records of every service, the steps that their instances and the lab
 * remember, and what happened in the chain meanwhile.
 *
 * It asks the services each time and keeps nothing: records last, so an order of any age has a story. Whoever asks for
 * the same order at the same moment shares one answer.
 */
import { RequestError } from '@holdfast/shared/core/errors.ts';
import type { StepsAnswer } from '@holdfast/shared/observability/wire.ts';
import type { Clock } from '@holdfast/shared/resilience/deadline.ts';
import { chain, nextOf } from '../../chain.ts';
import type { HttpCalls } from './http-call.ts';
import { isRecord } from './is-record.ts';
import type { Lab } from './lab.ts';
import { toSegment } from './segment.ts';
import type { ServiceListener } from './service-listener.ts';
import { toBackground } from './story-background.ts';
import type { KeptDocument, LabStory, StoryPart } from './story-wire.ts';
import type { Traffic } from './traffic.ts';
import type { LabStep } from './wire.ts';

/** What stories are made of. */
export interface StoryOptions {
  readonly lab: Pick<Lab, 'services' | 'stepsOf' | 'stepsOfParts' | 'entries'>;
  readonly calls: HttpCalls;
  readonly traffic: Pick<Traffic, 'status'>;
  readonly clock: Clock;
}

/** A service with its instances. */
interface Hop {
  readonly name: string;
  /** Those that are heard first. */
  readonly instances: readonly ServiceListener[];
}

/** A part with what leads to the parts before and behind it. */
interface Found {
  readonly part: StoryPart;
  readonly parent: string | undefined;
  readonly key: string;
  /** The id of the part at the next hop. */
  readonly childId: string | undefined;
}

/** A person waits. */
const timeoutMs = 2000;

/** Instances of one service that are asked for a record, one after the other. */
const mostAsked = 3;

/**
 * Creates the function that tells the story of the order with an id, or with a part of that id.
 *
 * It throws a `RequestError`, `not-found`, when nobody knows it.
 */
export function createStories(options: StoryOptions): (id: string) => Promise<LabStory> {
  const { lab, calls, traffic, clock } = options;
  const running = new Map<string, Promise<LabStory>>();

  return (id) => {
    toSegment(id);
    const known = running.get(id);
    if (known !== undefined) return known;
    const story = tell(id).finally(() => running.delete(id));
    running.set(id, story);
    return story;
  };

  async function tell(asked: string): Promise<LabStory> {
    const hops = toHops(lab.services());
    const { level, found, missing } = await findFirst(hops, asked);
    if (found === undefined) {
      throw new RequestError(
        'not-found',
        [`No service of this chain knows an order or a part of one called "${asked}".`, ...missing].join(' '),
      );
    }
    const before = await readBefore(hops, level, found);
    const behind = await readBehind(hops, level, found);
    const parts = [...before, found.part, ...behind];
    const at = Math.round(clock());
    const id = parts[0]?.id ?? asked;
    const answer = traffic.status().recent.find((one) => one.id === id) ?? null;
    return { at, id, parts, entries: toBackground(lab.entries(), parts, at), answer };
  }

  /** Looks for an id from the front door on. */
  async function findFirst(hops: readonly Hop[], id: string) {
    const missing: string[] = [];
    for (const [level, hop] of hops.entries()) {
      const found = await read(hop, id, undefined);
      if (isKnown(found)) return { level, found, missing };
      missing.push(...found.part.missing);
    }
    return { level: 0, found: undefined, missing: [...new Set(missing)] };
  }

  async function readBefore(hops: readonly Hop[], level: number, first: Found): Promise<StoryPart[]> {
    const parts: StoryPart[] = [];
    let { parent } = first;
    for (const hop of hops.slice(0, level).reverse()) {
      const found = parent === undefined ? toUnknown(hop) : await read(hop, parent, undefined);
      parts.unshift(found.part);
      parent = found.parent;
    }
    return parts;
  }

  async function readBehind(hops: readonly Hop[], level: number, first: Found): Promise<StoryPart[]> {
    const parts: StoryPart[] = [];
    let last = first;
    for (const hop of hops.slice(level + 1)) {
      const parent = last.key;
      const id: string | undefined = last.childId ?? toHeard(lab.stepsOfParts(parent), hop.name)[0]?.id;
      last = id === undefined ? toUnknown(hop) : await read(hop, id, parent);
      parts.push(last.part);
    }
    return parts;
  }

  /** Everything that one service has of a document; `parent` tells parts with the same id apart. */
  async function read(hop: Hop, key: string, parent: string | undefined): Promise<Found> {
    const [id = key] = key.split('@');
    const query = parent === undefined ? '' : `?parent=${encodeURIComponent(parent)}`;
    const [record, remembered] = await Promise.all([
      readRecord(hop, `${toSegment(key)}${query}`),
      Promise.all(hop.instances.map((place) => readSteps(hop, place, `${toSegment(id)}/steps${query}`))),
    ]);
    const isOfParent = (step: LabStep) => parent === undefined || step.parent === parent;
    const steps = merge([
      ...toHeard(lab.stepsOf(id), hop.name).filter(isOfParent),
      ...remembered.flatMap(({ steps }) => steps),
    ]);
    const { document, body } = record;
    const missing = [...new Set([...record.missing, ...remembered.flatMap((one) => one.missing)])];
    return {
      part: { service: hop.name, id: document?.id ?? id, document, steps, missing },
      parent: document?.parent ?? steps.find((step) => step.parent !== null)?.parent ?? undefined,
      key: document?.key ?? document?.id ?? key,
      childId: toChildId(body, hop.name),
    };
  }

  /** The record, from the first instance that can read it. */
  async function readRecord({ name, instances }: Hop, path: string) {
    const missing: string[] = [];
    for (const { url } of instances.slice(0, mostAsked)) {
      const answer = await ask(`${url}/${toPlural(name)}/${path}`);
      if (typeof answer === 'string') missing.push(`${name}: ${answer}`);
      else if (answer.status === 404) return { document: null, body: undefined, missing: [] };
      else if (answer.status === 200 && isRecord(answer.body)) {
        const { document: body, ...document } = answer.body;
        return { document: document as unknown as KeptDocument, body, missing: [] };
      } else missing.push(`${name}: ${new URL(url).host} answered ${answer.status}${toDetail(answer.body)}`);
    }
    return { document: null, body: undefined, missing: missing.slice(0, 1) };
  }

  async function readSteps({ name }: Hop, place: ServiceListener, path: string) {
    const answer = await ask(`${place.url}/${toPlural(name)}/${path}`);
    if (typeof answer !== 'string' && answer.status === 200 && isRecord(answer.body)) {
      const { instance, steps } = answer.body as unknown as StepsAnswer;
      return { steps: steps.map((step): LabStep => ({ ...step, origin: name, instance })), missing: [] };
    }
    const why = typeof answer === 'string' ? answer : `It answered ${answer.status}.`;
    return {
      steps: [],
      missing: [`What ${name} at ${new URL(place.url).host} remembers is missing. ${why}`],
    };
  }

  async function ask(url: string): Promise<{ status: number; body: unknown } | string> {
    try {
      const { status, body } = await calls.call({ method: 'GET', url, timeoutMs });
      return { status, body: parse(body) };
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }
}

/** The services in the sequence of the chain, with the instances that are heard first. */
function toHops(services: readonly ServiceListener[]): Hop[] {
  const groups = Map.groupBy(services, ({ name }) => name);
  return [...groups].map(([name, instances]) => ({
    name,
    instances: instances.toSorted((a, b) => Number(b.isConnected()) - Number(a.isConnected())),
  }));
}

/** The steps of a service among those that the lab heard. */
function toHeard(texts: readonly string[], service: string): LabStep[] {
  return texts.map((text) => JSON.parse(text) as LabStep).filter(({ origin }) => origin === service);
}

/** Each step once, the oldest first: the lab heard most of what the services remember. */
function merge(steps: readonly LabStep[]): LabStep[] {
  const each = new Map(
    steps.map((step) => [
      `${step.instance} ${step.at} ${step.step} ${step.by} ${step.ms} ${step.status}`,
      step,
    ]),
  );
  return [...each.values()].sort((a, b) => a.at - b.at);
}

function isKnown({ part }: Found): boolean {
  return part.document !== null || part.steps.length > 0;
}

function toUnknown({ name }: Hop): Found {
  const part = { service: name, id: null, document: null, steps: [], missing: [] };
  return { part, parent: undefined, key: '', childId: undefined };
}

/** The part for the next hop is the field with its name; a document without it is its own part. */
function toChildId(body: unknown, service: string): string | undefined {
  const next = nextOf(service);
  if (next === undefined || !isRecord(body)) return undefined;
  const child = body[next] ?? body;
  return isRecord(child) && typeof child.id === 'string' ? child.id : undefined;
}

function toPlural(service: string): string {
  return chain.find(({ name }) => name === service)?.plural ?? `${service}s`;
}

function toDetail(body: unknown): string {
  return isRecord(body) && typeof body.detail === 'string' ? `: ${body.detail}` : '.';
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}
