/**
 * Turns events of the bus and present values into the text of `GET /metrics`. The only importer of prom-client.
 *
 * Counters are increased when an event occurs; present values are read at the scrape. A scrape changes no breaker. What
 * each metric means is in docs/metrics.md.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { type FaultView, faultTypes } from '../faults/fault-events.ts';
import type { Breaker } from '../resilience/breaker.ts';
import { outcomes } from '../resilience/breaker-state.ts';
import type { Clock } from '../resilience/deadline.ts';
import { countBreakers } from './breaker-counts.ts';
import type { Events } from './events.ts';
import { breakerStates } from './state-times.ts';
import type { Vitals } from './vitals.ts';

/** What a service's metrics are made of. */
export interface MetricsOptions {
  readonly service: string;
  /** Tells the instances of one service apart. */
  readonly instance: string;
  readonly version: string;
  readonly events: Events;
  /** Milliseconds that never run backwards. */
  readonly clock: Clock;
  /** The present breakers. */
  readonly breakers: () => readonly Pick<Breaker, 'name' | 'view'>[];
  /** Asks the database for a scrape: at most once a second, and for a bounded time. */
  readonly vitals: Pick<Vitals, 'ask'>;
  /** Retries that could be made now; absent where nothing is forwarded. */
  readonly retriesLeft?: (() => number) | undefined;
  /** What the relay could ask in vain now; absent where nothing is forwarded. */
  readonly relayBudgetLeft?: (() => number) | undefined;
  /** Requests that were finished after their caller had disconnected. */
  readonly lateWork: () => number;
  readonly faults: () => readonly Pick<FaultView, 'type'>[];
}

/** One answered request; `route` is a pattern from a closed list, never the path of the request. */
export interface RequestSample {
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly ms: number;
}

/** The metrics of one service. */
export interface Metrics {
  readonly contentType: string;
  observeRequest(sample: RequestSample): void;
  /** All metrics in Prometheus' text format; does not reject when the database is away. */
  text(): Promise<string>;
}

/** Upper bounds in seconds: fine below and around the attempt time-outs of 300 ms and 1.5 s, coarse above. */
const callSeconds = [
  0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2.5, 5, 10,
];
/** Upper bounds in seconds, finer below the request time-out of 4 s. */
const requestSeconds = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 1.5, 2, 3, 4, 5, 10];

/** Gauges of prom-client with the suffix of a counter; the same numbers exist by type without it. */
const misnamed = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

/** Creates the metrics of one service in a registry of its own, and subscribes them to the bus. */
export function createMetrics(options: MetricsOptions): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ service: options.service });
  collectDefaultMetrics({ register: registry });
  for (const name of misnamed) registry.removeSingleMetric(name);
  const registers = [registry];

  createBreakerMetrics(options, registers);
  createPresentValues(options, registers);
  const observeRequest = createRequestMetric(registers);

  return { contentType: registry.contentType, observeRequest, text: () => registry.metrics() };
}

function createBreakerMetrics({ events, clock, breakers }: MetricsOptions, registers: Registry[]): void {
  const durations = new Histogram({
    name: 'breaker_call_duration_seconds',
    help: 'Duration of the calls that were sent.',
    labelNames: ['breaker'],
    buckets: callSeconds,
    registers,
    collect: () => void look(),
  });
  const durationOf = new Map<string, ReturnType<typeof durations.labels>>();
  const look = countBreakers({
    events,
    clock,
    breakers,
    // Every series exists from the start: otherwise a rate would miss the first event of each.
    onAdded(breaker) {
      durations.zero({ breaker });
      durationOf.set(breaker, durations.labels(breaker));
    },
    onRemoved(breaker) {
      durations.remove({ breaker });
      durationOf.delete(breaker);
    },
  });
  events.on('call', ({ name, outcome, durationMs }) => {
    if (outcome !== 'rejected' && outcome !== 'saturated') durationOf.get(name)?.observe(durationMs / 1000);
  });

  new Counter({
    name: 'breaker_calls_total',
    help: 'Calls that ended, each with its one outcome; rejected and saturated ones were never sent.',
    labelNames: ['breaker', 'outcome'],
    registers,
    collect() {
      this.reset();
      for (const { name: breaker, calls } of look()) {
        for (const outcome of outcomes) this.inc({ breaker, outcome }, calls[outcome]);
      }
    },
  });
  new Counter({
    name: 'relay_calls_total',
    help: 'Those of breaker_calls_total that the relay made; a waiting customer made the others.',
    labelNames: ['breaker', 'outcome'],
    registers,
    collect() {
      this.reset();
      for (const { name: breaker, relayCalls } of look()) {
        for (const outcome of outcomes) this.inc({ breaker, outcome }, relayCalls[outcome]);
      }
    },
  });
  new Counter({
    name: 'breaker_transitions_total',
    help: 'Changes of state of a breaker, by the rule that caused them.',
    labelNames: ['breaker', 'from', 'to', 'reason'],
    registers,
    collect() {
      this.reset();
      for (const { name: breaker, transitions } of look()) {
        for (const { count, ...change } of transitions) this.inc({ breaker, ...change }, count);
      }
    },
  });
  new Gauge({
    name: 'breaker_state',
    help: '1 for the state in which a breaker is, 0 for each other.',
    labelNames: ['breaker', 'state'],
    registers,
    collect() {
      this.reset();
      for (const { name: breaker, view } of look()) {
        for (const state of breakerStates) this.set({ breaker, state }, state === view.state ? 1 : 0);
      }
    },
  });
  new Counter({
    name: 'breaker_state_seconds_total',
    help: 'Time that a breaker has spent in each state.',
    labelNames: ['breaker', 'state'],
    registers,
    collect() {
      this.reset();
      for (const { name: breaker, stateMs } of look()) {
        for (const state of breakerStates) this.inc({ breaker, state }, stateMs[state] / 1000);
      }
    },
  });
  new Gauge({
    name: 'breaker_inflight',
    help: 'Calls through a breaker that are on their way.',
    labelNames: ['breaker'],
    registers,
    collect() {
      this.reset();
      for (const { name: breaker, view } of look()) this.set({ breaker }, view.inFlight);
    },
  });
}

function createPresentValues(options: MetricsOptions, registers: Registry[]): void {
  const gauge = (name: string, help: string, read: () => number | undefined | Promise<number | undefined>) =>
    new Gauge({
      name,
      help,
      registers,
      async collect() {
        const value = await read();
        // An absent value means "unknown"; the last value or a 0 would look like a measurement.
        if (value === undefined) this.remove();
        else this.set(value);
      },
    });
  const { vitals, retriesLeft, relayBudgetLeft } = options;

  gauge('relay_pending', 'Documents that are kept and not finished, of all instances together.', async () => {
    return (await vitals.ask()).relay?.pending;
  });
  gauge('relay_age_seconds', 'Age of the oldest pending document; 0 when none is pending.', async () => {
    const { relay } = await vitals.ask();
    return relay === null ? undefined : relay.oldestMs / 1000;
  });
  new Gauge({
    name: 'documents_kept',
    help: 'Documents that are kept, by state, of all instances together.',
    labelNames: ['state'],
    registers,
    async collect() {
      this.reset();
      const { ledger } = await vitals.ask();
      for (const [state, count] of Object.entries(ledger ?? {})) this.set({ state }, count);
    },
  });
  gauge('service_ready', '1 while the service takes requests, as /readyz says.', async () => {
    return (await vitals.ask()).readiness?.ready ? 1 : 0;
  });
  if (retriesLeft) gauge('retry_budget_left', 'Retries that could be made now.', retriesLeft);
  if (relayBudgetLeft)
    gauge('relay_budget_left', 'Deliveries in vain that the relay could make now.', relayBudgetLeft);
  const fallbacks = new Counter({
    name: 'fallbacks_total',
    help: 'Calls that were answered with their fallback, by the code of the error.',
    labelNames: ['next', 'code'],
    registers,
  });
  options.events.on('fallback', ({ next, code }) => fallbacks.inc({ next, code }));
  new Counter({
    name: 'late_work_total',
    help: 'Requests that were finished after their caller had left.',
    registers,
    collect() {
      this.reset();
      this.inc(options.lateWork());
    },
  });
  new Gauge({
    name: 'faults_active',
    help: 'Faults that were asked for and are not over, by type.',
    labelNames: ['type'],
    registers,
    collect() {
      for (const type of faultTypes) this.set({ type }, 0);
      for (const { type } of options.faults()) this.inc({ type });
    },
  });
  new Gauge({
    name: 'service_info',
    help: 'Always 1; its labels say which instance and version answers.',
    labelNames: ['service_instance_id', 'version'],
    registers,
  }).set({ service_instance_id: options.instance, version: options.version }, 1);
}

function createRequestMetric(registers: Registry[]): Metrics['observeRequest'] {
  const durations = new Histogram({
    name: 'http_server_request_duration_seconds',
    help: 'Time from the first byte of a request to the end of its answer.',
    labelNames: ['method', 'route', 'status'],
    buckets: requestSeconds,
    registers,
  });
  // Nested maps, so that a request builds no string for a key.
  const bound = keep((route: string) =>
    keep((method: string) => keep((status: number) => durations.labels(method, route, `${status}`))),
  );
  return ({ method, route, status, ms }) => bound(route)(method)(status).observe(ms / 1000);
}

/** Memoizes `create`, for a closed list of keys. */
function keep<K, V>(create: (key: K) => V): (key: K) => V {
  const kept = new Map<K, V>();
  return (key) => {
    const found = kept.get(key);
    if (found !== undefined) return found;
    const created = create(key);
    kept.set(key, created);
    return created;
  };
}
