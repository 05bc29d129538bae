/** What a live chart draws: the calls and the requests of the last second, by a clock that the test moves. */
import { beforeEach, describe, expect, it } from 'vitest';
import { createEvents } from '../../../src/observability/events.ts';
import { createRecentCalls } from '../../../src/observability/recent-calls.ts';
import { createRequestMeter } from '../../../src/observability/request-meter.ts';
import type { BreakerCall } from '../../../src/resilience/breaker-events.ts';
import type { Outcome } from '../../../src/resilience/breaker-state.ts';

let now: number;
const clock = () => now;

beforeEach(() => {
  now = 1_000_000;
});

describe('the calls of the last second', () => {
  const create = () => {
    const events = createEvents();
    const lately = createRecentCalls({ events, clock, breakers: () => [{ name: 'a→b' }] });
    const call = (outcome: Outcome, durationMs = 0, { background = false } = {}) =>
      events.emit('call', { name: 'a→b', outcome, durationMs, background } as BreakerCall);
    return { call, of: () => lately.view()['a→b'] };
  };

  it('are counted by outcome, and rejections have no latency', () => {
    const { call, of } = create();
    for (const ms of [10, 20, 30]) call('success', ms);
    call('timeout', 300);
    call('rejected');
    expect(of()).toMatchObject({ counts: { success: 3, timeout: 1, rejected: 1 }, p50Ms: 20, p99Ms: 300 });
  });

  it('say how many of those that were sent and judged the relay made', () => {
    const { call, of } = create();
    const background = true;
    call('success', 10);
    call('success', 10, { background });
    call('timeout', 300, { background });
    call('rejected', 0, { background });
    expect(of()).toMatchObject({ counts: { success: 2, timeout: 1, rejected: 1 }, relay: 2, relayTotal: 2 });
    now += 1000;
    expect(of()).toMatchObject({ relay: 0, relayTotal: 2 });
  });

  it('are forgotten after a second', () => {
    const { call, of } = create();
    call('success', 10);
    now += 750;
    expect(of()?.counts.success).toBe(1);
    now += 250;
    expect(of()).toMatchObject({ counts: { success: 0 }, p50Ms: null, p99Ms: null });
    call('failure', 5);
    expect(of()).toMatchObject({ counts: { success: 0, failure: 1 }, p50Ms: 5 });
  });
});

describe('the requests of the last second', () => {
  it('are counted when they are answered, beside those in work', () => {
    const meter = createRequestMeter(clock);
    for (let begun = 0; begun < 3; begun += 1) meter.begin();
    meter.end();
    meter.end();
    expect(meter.view()).toEqual({ perSecond: 2, active: 1 });
    now += 900;
    expect(meter.view().perSecond).toBe(2);
    now += 100;
    expect(meter.view().perSecond).toBe(0);
  });
});
