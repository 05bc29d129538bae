/** What the page says: numbers only where there are some, fields by their labels, each word from one source. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { toFailedWords, toHeadline } from '../../../dashboard/model/breaker-words.ts';
import { toPending } from '../../../dashboard/model/chain.ts';
import { toFieldError, toFieldErrors, toRefusal } from '../../../dashboard/model/form-words.ts';
import { toGlossaryPage } from '../../../dashboard/model/glossary.ts';
import { createPage, reducePage } from '../../../dashboard/model/page-state.ts';
import { hasTraffic, isPointed, toView, type View } from '../../../dashboard/model/view.ts';
import type { LabService, LabSnapshot } from '../../../server/wire.ts';
import { breaker, labStatus, service, serviceStatus, snapshot, t0 } from './samples.ts';

function see(change: Partial<LabSnapshot> = {}): View {
  const message = { type: 'snapshot', snapshot: snapshot(change), receivedAt: t0 } as const;
  return toView(reducePage(createPage(), { type: 'lab', message }), t0);
}

function seeBreaker(change: Parameters<typeof breaker>[0]) {
  const status = serviceStatus('order', { breakers: [breaker(change)] });
  const view = see({ services: [service('order', { status }), service('payment')] });
  const [shown] = view.breakers;
  if (shown === undefined) throw new Error('no breaker');
  return { view, shown };
}

const window = { windowMs: 10_000, calls: 0, failures: 0, ratio: 0, buckets: [] };

describe('a closed breaker', () => {
  it('without calls has no share of failed ones', () => {
    const { view, shown } = seeBreaker({ window });
    expect(toHeadline(view, shown)).toMatchObject({ label: 'in 10 s', value: 'no calls' });
    expect(toFailedWords(shown)).toBe('no calls in 10 s');
  });

  it('with calls has one, quiet when it is nothing', () => {
    const none = seeBreaker({ window: { ...window, calls: 5 } });
    expect(toHeadline(none.view, none.shown)).toEqual({ label: 'failed', value: '0%', isQuiet: true });
    const some = seeBreaker({ window: { ...window, calls: 5, failures: 2, ratio: 0.4 } });
    expect(toHeadline(some.view, some.shown)).toEqual({ label: 'failed', value: '40%' });
    expect(toFailedWords(some.shown)).toBe('40% failed');
  });
});

describe('what is pending', () => {
  const withPending = (name: string, pending: number): LabService =>
    service(name, { status: serviceStatus(name, { relay: { pending, oldestMs: 10 } }) });

  it('counts once an order that waits at two services, and once what instances share', () => {
    const services = [withPending('order', 7), withPending('payment', 5), withPending('payment', 5)];
    expect(toPending(see({ services }).groups)).toBe(7);
    expect(toPending([])).toBe(0);
  });
});

describe('traffic', () => {
  const idle = serviceStatus('order', { requests: { perSecond: 0, active: 0 } });

  it('is there when the lab or anybody else sends orders', () => {
    const services = [service('order', { status: idle }), service('payment')];
    expect(hasTraffic(see({ services }))).toBe(false);
    expect(hasTraffic(see())).toBe(true);
    const { traffic } = labStatus();
    expect(hasTraffic(see({ services, traffic: { ...traffic, on: true } }))).toBe(true);
  });
});

describe('the fields of a form', () => {
  const said = {
    rate: 'Must be a number above 0, at most 1.',
    ttlMs: 'Must be a whole number from 1 to 3600000.',
  };

  it('are named by their labels, all at once, in the units of the page', () => {
    expect(toFieldErrors(said)).toEqual([
      'Share of requests that it hits: must be a number above 0, at most 1.',
      'For how long: must be 1 to 600 seconds.',
    ]);
    expect(toRefusal('The fault is invalid at "/rate" and 1 more', said)).toBe(
      'Nothing was changed. 2 fields need another value.',
    );
  });

  it('say what they must be where nothing was typed', () => {
    expect(toFieldError('openMs', 'must be a whole number from 10 to 3600000, got null')).toBe(
      'Must be a whole number from 10 to 3600000.',
    );
    expect(toRefusal('Invalid breaker settings', { openMs: 'must be 10' })).toBe(
      'Nothing was changed. Waits before the first probe: must be 10.',
    );
  });

  it('leave the word to the service where it names none', () => {
    expect(toRefusal('There are 50 faults.', { '': 'At most 50 faults may be on at once.' })).toBe(
      'There are 50 faults.',
    );
  });
});

describe('the tour', () => {
  it('points at what its step teaches, and at nothing when it is put away', () => {
    const view = see();
    expect([isPointed(view, 'orders'), isPointed(view, 'breaker')]).toEqual([true, false]);
    const closed = reducePage(view.page, { type: 'toured', step: 'toggle' });
    expect(isPointed(toView(closed, t0), 'orders')).toBe(false);
    const back = reducePage(closed, { type: 'toured', step: 'toggle' });
    expect(back.tour).toEqual(view.page.tour);
  });
});

describe('docs/glossary.md', () => {
  it('has the words of the page', () => {
    const file = new URL('../../../../docs/glossary.md', import.meta.url);
    expect(readFileSync(file, 'utf8')).toBe(toGlossaryPage());
  });
});
