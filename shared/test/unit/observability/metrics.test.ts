/** From events of the bus to the text that Prometheus reads. */
import { describe, expect, it } from 'vitest';
import { createEvents } from '../../../src/observability/events.ts';
import { parseExposition } from '../../../src/observability/exposition.ts';
import { createMetrics, type MetricsOptions } from '../../../src/observability/metrics.ts';
import type { VitalsView } from '../../../src/observability/vitals.ts';
import type { BreakerCall, BreakerTransition } from '../../../src/resilience/breaker-events.ts';
import type { BreakerState, Outcome } from '../../../src/resilience/breaker-state.ts';
import type { BreakerView } from '../../../src/resilience/breaker-view.ts';

const name = 'front→back';
const states: BreakerState[] = ['closed', 'open', 'half_open', 'forced_open', 'disabled'];

function begin(given: Partial<MetricsOptions> = {}) {
  let now = 1_000_000;
  let state: BreakerState = 'closed';
  let vitals: VitalsView = {
    readiness: { ready: true, phase: 'serving', database: 'ok' },
    databaseMs: 1,
    relay: { pending: 3, oldestMs: 61_500 },
    ledger: { completed: 7, cancelled: 1, refunded: 0, rejected: 0, pending: 3, dead: 0 },
  };
  const events = createEvents();
  const metrics = createMetrics({
    service: 'front',
    instance: 'host:3000',
    version: '1.2.3',
    events,
    clock: () => now,
    breakers: () => [{ name, view: () => ({ name, state, inFlight: 2 }) as BreakerView }],
    vitals: { ask: async () => vitals },
    retriesLeft: () => 4,
    lateWork: () => 5,
    faults: () => [{ type: 'latency' }, { type: 'latency' }, { type: 'crash' }],
    ...given,
  });
  return {
    metrics,
    events,
    scrape: async () => parseExposition(await metrics.text()),
    call: (outcome: Outcome, durationMs = 0, of = name) =>
      events.emit('call', { name: of, outcome, durationMs } as BreakerCall),
    relayCall: (outcome: Outcome) =>
      events.emit('call', { name, outcome, durationMs: 1, background: true } as BreakerCall),
    go(to: BreakerState, reason: BreakerTransition['reason']) {
      events.emit('transition', { name, from: state, to, reason } as BreakerTransition);
      state = to;
    },
    pass: (ms: number) => {
      now += ms;
    },
    setVitals: (next: VitalsView) => {
      vitals = next;
    },
  };
}

describe('the metrics of a breaker', () => {
  it('are all there before the first call, each state and each outcome', async () => {
    const { scrape } = begin();
    const { value, samples } = await scrape();
    const labels = { service: 'front', breaker: name };
    expect(samples.filter((sample) => sample.name === 'breaker_state')).toEqual(
      states.map((state) => ({
        name: 'breaker_state',
        labels: { ...labels, state },
        value: state === 'closed' ? 1 : 0,
      })),
    );
    expect(samples.filter((sample) => sample.name === 'breaker_calls_total')).toEqual(
      ['success', 'failure', 'timeout', 'rejected', 'ignored', 'saturated'].map((outcome) => ({
        name: 'breaker_calls_total',
        labels: { ...labels, outcome },
        value: 0,
      })),
    );
    expect(value('breaker_transitions_total', { from: 'closed', to: 'open', reason: 'threshold' })).toBe(0);
    expect(value('breaker_call_duration_seconds_count', { breaker: name })).toBe(0);
    expect(value('breaker_inflight', { breaker: name })).toBe(2);
  });

  it('say which calls the relay made, beside all of them', async () => {
    const { scrape, call, relayCall } = begin();
    call('success', 1);
    relayCall('success');
    relayCall('failure');
    const { value } = await scrape();
    expect(value('breaker_calls_total', { outcome: 'success' })).toBe(2);
    expect(value('relay_calls_total', { outcome: 'success' })).toBe(1);
    expect(value('relay_calls_total', { outcome: 'failure' })).toBe(1);
    expect(value('relay_calls_total', { outcome: 'timeout' })).toBe(0);
  });

  it('count each outcome, and time only what was sent', async () => {
    const { scrape, call } = begin();
    call('success', 40);
    call('timeout', 1501);
    call('ignored', 10);
    call('rejected');
    call('saturated');
    call('saturated');
    const { value } = await scrape();
    expect(value('breaker_calls_total', { outcome: 'saturated' })).toBe(2);
    expect(value('breaker_calls_total', { outcome: 'rejected' })).toBe(1);
    expect(value('breaker_calls_total', { outcome: 'timeout' })).toBe(1);
    expect(value('breaker_call_duration_seconds_count')).toBe(3);
    expect(value('breaker_call_duration_seconds_sum')).toBeCloseTo(1.551);
    expect(value('breaker_call_duration_seconds_bucket', { le: '1.5' })).toBe(2);
    expect(value('breaker_call_duration_seconds_bucket', { le: '1.75' })).toBe(3);
  });

  it('tell the state of now and the time in each', async () => {
    const { scrape, go, pass } = begin();
    pass(5000);
    go('open', 'threshold');
    pass(10_000);
    go('half_open', 'open-time-over');
    pass(500);
    const { value } = await scrape();
    const state = (name: string) => states.map((one) => value(name, { state: one }));
    expect(state('breaker_state')).toEqual([0, 0, 1, 0, 0]);
    expect(state('breaker_state_seconds_total')).toEqual([5, 10, 0.5, 0, 0]);
    expect(value('breaker_transitions_total', { reason: 'threshold' })).toBe(1);
  });

  it('stay the same when nothing happens but a scrape', async () => {
    const { metrics, call } = begin();
    call('success', 40);
    const own = async () =>
      (await metrics.text()).split('\n').filter((line) => /^(breaker|relay)_/.test(line));
    const first = await own();
    expect(await own()).toEqual(first);
  });

  it('are given to a breaker that comes later, and taken from one that is gone', async () => {
    const names = [name];
    const { scrape, call, events } = begin({
      breakers: () =>
        names.map((one) => ({
          name: one,
          view: () => ({ name: one, state: 'closed', inFlight: 0 }) as BreakerView,
        })),
    });
    const of = async (breaker: string) =>
      (await scrape()).samples.filter(({ labels }) => labels.breaker === breaker).length;
    const perBreaker = await of(name);
    names.push('front→back@other');
    call('failure', 7, 'front→back@other');
    expect(
      (await scrape()).value('breaker_calls_total', { breaker: 'front→back@other', outcome: 'failure' }),
    ).toBe(1);
    expect(await of('front→back@other')).toBe(perBreaker);
    names.shift();
    events.emit('gone', { name, at: 0 });
    call('success', 7); // one that was on its way
    expect([await of(name), await of('front→back@other')]).toEqual([0, perBreaker]);
  });
});

describe('what a scrape asks for', () => {
  it('is the backlog, the documents by state, the readiness, the retries left, late work and the faults of each type', async () => {
    const { value } = await begin().scrape();
    expect(value('relay_pending')).toBe(3);
    expect(value('relay_age_seconds')).toBe(61.5);
    expect(value('documents_kept', { state: 'completed' })).toBe(7);
    expect(value('documents_kept', { state: 'pending' })).toBe(3);
    expect(value('service_ready')).toBe(1);
    expect(value('retry_budget_left')).toBe(4);
    expect(value('late_work_total')).toBe(5);
    expect(value('faults_active', { type: 'latency' })).toBe(2);
    expect(value('faults_active', { type: 'crash' })).toBe(1);
    expect(value('faults_active', { type: 'hang' })).toBe(0);
    expect(value('service_info', { service_instance_id: 'host:3000', version: '1.2.3' })).toBe(1);
  });

  it('is absent, not 0 and not the last value, while the database does not say it', async () => {
    const { scrape, setVitals } = begin();
    await scrape();
    const readiness = { ready: false, phase: 'serving', database: 'away' } as const;
    setVitals({ readiness, databaseMs: null, relay: null, ledger: null });
    const { value } = await scrape();
    expect(value('relay_pending')).toBeUndefined();
    expect(value('relay_age_seconds')).toBeUndefined();
    expect(value('documents_kept', { state: 'completed' })).toBeUndefined();
    expect(value('service_ready')).toBe(0);
  });

  it('leaves out the retry budget where nothing is forwarded', async () => {
    const { value } = await begin({ retriesLeft: undefined, breakers: () => [] }).scrape();
    expect(value('retry_budget_left')).toBeUndefined();
  });
});

describe('the metrics of the process', () => {
  it('leave out the gauges that are named like counters, which `promtool check metrics` complains about', async () => {
    const text = await begin().metrics.text();
    expect(text).toContain('# TYPE nodejs_active_handles gauge');
    const gauges = [...text.matchAll(/^# TYPE (\S+) gauge$/gm)].map(([, gauge]) => gauge);
    expect(gauges.filter((gauge) => gauge?.endsWith('_total'))).toEqual([]);
  });
});

describe('requests', () => {
  it('are one series for each method, route and status', async () => {
    const { metrics, scrape } = begin();
    const sample = { method: 'POST', route: '/create', status: 200, ms: 12 };
    metrics.observeRequest(sample);
    metrics.observeRequest({ ...sample, ms: 4001 });
    metrics.observeRequest({ ...sample, status: 503 });
    const { value } = await scrape();
    expect(value('http_server_request_duration_seconds_count', { status: '200' })).toBe(2);
    expect(value('http_server_request_duration_seconds_count', { status: '503' })).toBe(1);
    expect(value('http_server_request_duration_seconds_bucket', { status: '200', le: '4' })).toBe(1);
    expect(value('http_server_request_duration_seconds_bucket', { status: '200', le: '5' })).toBe(2);
  });
});

describe('two services in one process', () => {
  it('do not share a registry', async () => {
    const one = begin();
    const other = begin({ service: 'back' });
    one.call('success', 3);
    expect((await other.scrape()).value('breaker_calls_total', { outcome: 'success' })).toBe(0);
    expect((await other.scrape()).value('process_cpu_seconds_total', { service: 'back' })).toBeGreaterThan(0);
  });
});
