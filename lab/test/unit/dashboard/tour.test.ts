/** The steps of the tour tick themselves, and only for what happened after they began. */
import { describe, expect, it } from 'vitest';
import { emptyLab, type LabMessage, reduceLab } from '../../../dashboard/model/lab-state.ts';
import {
  advanceTour,
  freshTour,
  skipStep,
  type Tour,
  toStep,
  tourSteps,
} from '../../../dashboard/model/tour.ts';
import type { LabEntry, LabStatus } from '../../../server/wire.ts';
import { breaker, labStatus, opened, service, serviceStatus, snapshot, step, t0 } from './samples.ts';

function labWith(...more: LabMessage[]) {
  const first: LabMessage = { type: 'snapshot', snapshot: snapshot(), receivedAt: t0 };
  return [first, ...more].reduce(reduceLab, emptyLab);
}

const told = (entry: LabEntry): LabMessage => ({ type: 'entry', entry, receivedAt: entry.at });
const tick = (status: LabStatus): LabMessage => ({ type: 'tick', status, receivedAt: status.at });
const at = (name: (typeof tourSteps)[number], since = t0): Tour => ({ done: tourSteps.indexOf(name), since });
const ticks = (tour: Tour, ...messages: LabMessage[]) =>
  advanceTour(tour, labWith(...messages)).done > tour.done;

describe('the tour', () => {
  it('begins at its first look, so that what was there before counts for nothing', () => {
    expect(advanceTour(freshTour, labWith(told(opened())))).toEqual({ done: 0, since: t0 });
  });

  it('ticks a healthy order when one that began now is completed', () => {
    const order = (change: Partial<Parameters<typeof step>[0]>): LabMessage => ({
      type: 'steps',
      steps: [step(change)],
      receivedAt: t0,
    });
    expect(ticks(at('healthy'), order({ at: t0 + 50, ms: 40 }))).toBe(true);
    expect(ticks(at('healthy'), order({ at: t0 + 10, ms: 40 }))).toBe(false);
    expect(ticks(at('healthy'), order({ at: t0 + 50, ms: 40, status: 'pending' }))).toBe(false);
  });

  it('ticks a tripped breaker, and not one that opened before', () => {
    expect(ticks(at('trip'), told(opened({ at: t0 + 1 })))).toBe(true);
    expect(ticks(at('trip'), told(opened({ at: t0 - 1 })))).toBe(false);
  });

  it('ticks the probe when it has decided, either way', () => {
    const probed = (to: 'open' | 'closed') => told(opened({ at: t0 + 1, from: 'half_open', to }));
    expect([ticks(at('probe'), probed('open')), ticks(at('probe'), probed('closed'))]).toEqual([true, true]);
    expect(ticks(at('probe'), told(opened({ at: t0 + 1, from: 'open', to: 'half_open' })))).toBe(false);
  });

  it('ticks the healing when every breaker is closed and nothing is pending', () => {
    const later = t0 + 2_000;
    const pending = serviceStatus('order', { relay: { pending: 3, oldestMs: 10 } });
    const broken = serviceStatus('order', { breakers: [breaker({ state: 'open' })] });
    const statusWith = (order: typeof pending) => [service('order', { status: order }), service('payment')];
    expect(ticks(at('heal'), tick(labStatus({ at: later })))).toBe(true);
    expect(ticks(at('heal'), tick(labStatus({ at: later, services: statusWith(pending) })))).toBe(false);
    expect(ticks(at('heal'), tick(labStatus({ at: later, services: statusWith(broken) })))).toBe(false);
  });

  it('ticks slowness only when timeouts opened the breaker', () => {
    const lastError = (code: string) => ({ code, message: 'No answer within 1500 ms.', at: t0 });
    expect(ticks(at('slow'), told(opened({ at: t0 + 1, lastError: lastError('attempt-timeout') })))).toBe(
      true,
    );
    expect(ticks(at('slow'), told(opened({ at: t0 + 1, lastError: lastError('neighbour-failed') })))).toBe(
      false,
    );
  });

  it('ticks the shadow when that would have opened', () => {
    const shadow = {
      config: breaker().config,
      since: t0,
      state: 'open',
      opened: 1,
      wouldReject: 0,
      calls: 9,
    } as const;
    const services = (opened: number) => [
      service('order', {
        status: serviceStatus('order', { breakers: [breaker({ shadow: { ...shadow, opened } })] }),
      }),
    ];
    expect(ticks(at('shadow'), tick(labStatus({ services: services(1) })))).toBe(true);
    expect(ticks(at('shadow'), tick(labStatus({ services: services(0) })))).toBe(false);
  });

  it('can be skipped to its end, and ends there', () => {
    const end = tourSteps.reduce((tour) => skipStep(tour, t0), at('healthy'));
    expect([toStep(end), skipStep(end, t0).done]).toEqual([undefined, tourSteps.length]);
    expect(advanceTour(end, labWith(told(opened({ at: t0 + 1 }))))).toBe(end);
  });
});
