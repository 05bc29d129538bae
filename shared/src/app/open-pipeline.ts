/**
 * Opens the resilience pipeline in front of one neighbour: where its instances are, and a breaker for each of them.
 *
 * The next hop is behind one (open-next.ts), and so is every neighbour of one's own (open-neighbours.ts).
 */
import { codeOf } from '../core/errors.ts';
import { createGroupClient } from '../delivery/group-client.ts';
import type { Address } from '../discovery/addresses.ts';
import { type Resolve, watchName } from '../discovery/dns.ts';
import { watchLocalNetwork } from '../discovery/local.ts';
import type { Found, Source } from '../discovery/source.ts';
import { limitLog } from '../observability/limited-log.ts';
import { createLivePolicy, type LivePolicy } from '../observability/live-policy.ts';
import { traceCalls, traceClient } from '../observability/trace-client.ts';
import { type Breaker, createBreaker } from '../resilience/breaker.ts';
import { breakerDefaults } from '../resilience/breaker-settings.ts';
import { createRetryBudget } from '../resilience/budget.ts';
import { createBulkhead } from '../resilience/bulkhead.ts';
import { monotonicClock, systemClock } from '../resilience/deadline.ts';
import { createHttpClient, type HttpClient } from '../resilience/http-client.ts';
import { createInstances, type Instances, type PeerStatus } from '../resilience/instances.ts';
import { createPipeline, type Pipeline } from '../resilience/pipeline.ts';
import { type RunningPolicy, toProbeTimeoutMs } from '../resilience/policy-settings.ts';
import type { HopSettings } from './hop-settings.ts';
import type { Store, Telemetry } from './open-parts.ts';

/** What a pipeline is made of. */
export interface OpenPipelineOptions {
  readonly settings: HopSettings;
  readonly telemetry: Telemetry;
  readonly store: Pick<Store, 'leases' | 'keys'>;
  /** In place of the system's resolver. */
  readonly resolve?: Resolve | undefined;
}

/** The way to one neighbour, with what must be closed at the end. */
export interface OpenedPipeline {
  readonly pipeline: Pipeline;
  readonly client: HttpClient;
  readonly instances: Instances;
  /** Why the instances that are known may not be all of them. */
  problems(): readonly string[];
  /** Retries that could be made now. */
  retriesLeft(): number;
  /** Its settings, which may change while it runs. */
  readonly policy: LivePolicy;
  close(): Promise<void>;
}

/** Opens the way to the neighbour called `name`. */
export function openPipeline(
  name: string,
  addresses: readonly Address[],
  { settings, telemetry, store, resolve }: OpenPipelineOptions,
): OpenedPipeline {
  const { events, breakers, tracer, log } = telemetry;
  const { leases, keys } = store;
  const route = `${settings.ID}→${name}`;
  const initial = toPolicy(settings);
  const isOne = addresses.length === 1 && addresses[0]?.kind === 'fixed';
  const groups = createGroupClient(createHttpClient(), { keys, clock: monotonicClock });
  const client = traceClient(groups, tracer);
  const instances = createInstances({
    name,
    strategy: settings.BALANCER,
    slowStartMs: settings.SLOW_START_MS,
    clock: systemClock,
    random: Math.random,
    onGone: ({ name: gone }) => breakers.remove(gone),
    isAlive: (url) => givesSignOfLife(client, url),
    createBreaker(url, peers) {
      const breaker = openBreaker(isOne ? route : `${route}@${new URL(url).host}`, peers);
      breakers.add(breaker);
      return breaker;
    },
  });
  const bulkhead = createBulkhead(route, initial.bulkhead);
  const budget = createRetryBudget(initial.budget, monotonicClock);
  const live = createLivePolicy({
    hop: route,
    policy: initial,
    bulkhead,
    budget,
    breakers: () => instances.list().map(({ breaker }) => breaker),
    events,
    clock: systemClock,
  });
  const write = limitLog(log);
  const sources = watch(addresses, instances, settings, {
    resolve,
    keys,
    warn: (message) => write({ cause: 'discovery', level: 'warn', fields: { event: 'discovery' }, message }),
  });
  const pipeline = createPipeline({
    bulkhead,
    retries: {
      get attempts() {
        return live.current.attempts;
      },
      budget,
    },
    instances,
    onFallback: (error) => events.emit('fallback', { at: systemClock(), next: name, code: codeOf(error) }),
    get attemptTimeoutMs() {
      return live.current.attemptTimeoutMs;
    },
    around: traceCalls(tracer),
  });

  events.on('transition', ({ name: breaker, reason }) => {
    if (breaker !== route && !breaker.startsWith(`${route}@`)) return;
    // A result that cannot be published costs no more than a probe by each replica.
    if (reason === 'probe-ok') leases?.publish(breaker, 'well').catch(() => undefined);
    if (reason === 'threshold' || reason === 'in-a-row' || reason === 'silent')
      leases?.publish(breaker, 'sick').catch(() => undefined);
  });

  return {
    pipeline,
    client,
    instances,
    problems: sources.problems,
    retriesLeft: () => budget.left(),
    policy: live,
    async close() {
      await sources.stop();
      instances.stop();
      client.close();
    },
  };

  function openBreaker(breakerName: string, peers: PeerStatus): Breaker {
    return createBreaker({
      name: breakerName,
      events,
      get attemptTimeoutMs() {
        return live.current.attemptTimeoutMs;
      },
      ...peers,
      ...(leases === undefined ? {} : { askProbe: (forMs: number) => leases.ask(breakerName, forMs) }),
      settings: live.current.breaker,
    });
  }
}

function toPolicy(settings: HopSettings): RunningPolicy {
  return {
    deadlineMs: settings.REQUEST_TIMEOUT_MS,
    bulkhead: {
      maxActive: settings.BULKHEAD_MAX,
      maxQueued: settings.BULKHEAD_QUEUE_MAX,
      waitMs: settings.BULKHEAD_WAIT_MS,
    },
    attempts: settings.RETRY_ATTEMPTS,
    budget: { ratio: settings.RETRY_BUDGET_RATIO, minPerSecond: 3 },
    breaker: {
      ...breakerDefaults,
      thresholdRatio: settings.BREAKER_THRESHOLD_RATIO,
      minCalls: settings.BREAKER_MIN_CALLS,
      windowMs: settings.BREAKER_WINDOW_MS,
      openMs: settings.BREAKER_OPEN_MS,
      openMaxMs: settings.BREAKER_OPEN_MAX_MS,
      probeTimeoutMs: toProbeTimeoutMs(settings.ATTEMPT_TIMEOUT_MS),
    },
    attemptTimeoutMs: settings.ATTEMPT_TIMEOUT_MS,
  };
}

/** How long an instance that let a call time out gets to answer the simplest question. */
const signOfLifeMs = 500;

/** Whatever it answers, it is not stopped, cut off or stuck: then only what it answers to calls counts. */
async function givesSignOfLife(client: HttpClient, url: string): Promise<boolean> {
  const question = { method: 'GET', url: new URL('/livez', url).href, headers: {} } as const;
  return client.send({ ...question, timeoutMs: signOfLifeMs }).then(
    () => true,
    () => false,
  );
}

/** Watches every address; the instances are what all of them know together. */
function watch(
  addresses: readonly Address[],
  instances: Instances,
  settings: HopSettings,
  {
    resolve,
    keys,
    warn,
  }: { resolve: Resolve | undefined; keys: Store['keys']; warn: (problem: string) => void },
): Source & { problems(): readonly string[] } {
  const found = new Map<Address, Found>();
  const network = { interface: settings.DISCOVERY_INTERFACE, group: settings.DISCOVERY_GROUP };
  const sources = addresses.map((address) => {
    const emit = (news: Found) => {
      const before = found.get(address)?.problem;
      found.set(address, news);
      if (news.problem !== undefined && news.problem !== before) warn(news.problem);
      instances.set([...found.values()].flatMap(({ urls }) => urls));
    };
    if (address.kind === 'dns') return watchName(address, emit, resolve);
    if (address.kind === 'local') return watchLocalNetwork(address, network, keys, { emit, ignore: warn });
    emit({ urls: [address.url], problem: undefined });
    return undefined;
  });
  return {
    problems: () => [...found.values()].flatMap(({ problem }) => problem ?? []),
    async stop() {
      await Promise.all(sources.map((source) => source?.stop()));
    },
  };
}
