/** What is shown at one moment: old data never looks alive, and countdowns follow the lab's clock. */
import { describe, expect, it } from 'vitest';
import {
  toEdgeWords,
  toGroupWhy,
  toHeadline,
  toRouteWords,
  toShareWords,
  toThresholdWords,
  toWhy,
} from '../../../dashboard/model/breaker-words.ts';
import { toGroups, toPlaceWords, toShortHost, toWho } from '../../../dashboard/model/chain.ts';
import {
  createPage,
  type PageMessage,
  type PageState,
  reducePage,
} from '../../../dashboard/model/page-state.ts';
import { toShownState, toTarget, toView, type View } from '../../../dashboard/model/view.ts';
import type { BreakerSample, LabSnapshot } from '../../../server/wire.ts';
import { breaker, labStatus, opened, sample, service, serviceStatus, snapshot, t0 } from './samples.ts';

/** The reader's clock is ten seconds slow. */
const localAt = t0 - 10_000;

function seen(change: Partial<LabSnapshot> = {}): PageState {
  const message = { type: 'snapshot', snapshot: snapshot(change), receivedAt: localAt } as const;
  return reducePage(createPage(), { type: 'lab', message });
}

const open = breaker({
  state: 'open',
  since: t0 - 3_600,
  openedAt: t0 - 3_600,
  probeAt: t0 + 6_400,
  rejected: 78,
  openedBecause: { calls: 5, failures: 3, ratio: 0.6, threshold: 0.5, lastError: null },
});

function withOpen(more: Partial<LabSnapshot['services'][number]> = {}): Partial<LabSnapshot> {
  const status = serviceStatus('order', { breakers: [open] });
  return { services: [service('order', { status, ...more }), service('payment'), service('shipment')] };
}

function first(view: View) {
  const [shown] = view.breakers;
  if (shown === undefined) throw new Error('no breaker');
  return shown;
}

describe('an open breaker', () => {
  it('counts down by the clock of the lab, not by the reader’s', () => {
    const view = toView(seen(withOpen()), localAt + 1_400);
    expect(toHeadline(view, first(view))).toEqual({ label: 'probe in', value: '5.0 s' });
    expect(toEdgeWords(view, first(view))).toBe('probe in 5.0 s · 78 rejected');
  });

  it('counts down by the clock of its own service when that is far off', () => {
    const status = serviceStatus('order', { at: t0 - 60_000, breakers: [{ ...open, probeAt: t0 - 53_600 }] });
    const view = toView(seen(withOpen({ status })), localAt + 1_400);
    expect(toHeadline(view, first(view)).value).toBe('5.0 s');
  });

  it('shows what opened it, and the rule', () => {
    const view = toView(seen(withOpen()), localAt);
    expect(toShareWords(first(view))).toBe('60% failed when it opened');
    expect(toThresholdWords(first(view))).toBe('trips above 50%, needs at least 5 calls');
  });

  it('is explained without the countdown, which the big number shows', () => {
    const told = { ...open, why: 'Opened. Next probe in 6.4 s.', cause: 'Opened.' };
    const status = serviceStatus('order', { breakers: [told] });
    const view = toView(seen(withOpen({ status })), localAt);
    expect(toWhy(view, first(view))).toBe('Opened.');
  });

  it('explains why the breaker behind it has no calls', () => {
    const view = toView(seen(withOpen()), localAt);
    const [, behind] = view.breakers;
    expect(behind && toWhy(view, behind)).toBe('No calls reach this breaker while order → payment is open.');
  });
});

describe('the rate of a closed breaker', () => {
  const withCalls = (calls: Partial<BreakerSample>) => {
    const message = { type: 'sample', sample: sample(t0, calls), receivedAt: localAt } as const;
    const view = toView(reducePage(seen(), { type: 'lab', message }), localAt);
    return toEdgeWords(view, first(view));
  };

  it('says apart how many calls customers wait for and how many the relay makes', () => {
    expect(withCalls({ ok: 230, failed: 8, rejected: 50, relay: 220 })).toBe(
      '18.0 customers/s + 220 relay/s',
    );
  });

  it('does not speak of a relay that has nothing to do', () => {
    expect(withCalls({ relay: 0 })).toBe('20.0 customers/s');
  });
});

describe('silence', () => {
  it('of the lab for more than five seconds makes everything old, and stops its clock', () => {
    const page = seen(withOpen());
    expect(toView(page, localAt + 5_000).stale).toBe(false);
    const view = toView(page, localAt + 8_000);
    expect([view.stale, toShownState(view, first(view)), view.lastDataAt]).toEqual([true, 'no_data', t0]);
    expect(toHeadline(view, first(view)).value).toBe('6.4 s');
  });

  it('of one service makes only its own breakers unknown', () => {
    const view = toView(seen(withOpen({ connected: false })), localAt);
    expect(view.breakers.map((shown) => toShownState(view, shown))).toEqual(['no_data', 'closed']);
  });
});

describe('a frozen view', () => {
  it('stands still while the page goes on listening', () => {
    const tick = (at: number): PageMessage => ({
      type: 'lab',
      message: { type: 'tick', status: labStatus({ at }), receivedAt: at - 10_000 },
    });
    const frozen = reducePage(
      reducePage(seen(withOpen()), { type: 'paused', at: localAt }),
      tick(t0 + 3_000),
    );
    const view = toView(frozen, localAt + 3_000);
    expect([view.frozen, view.stale, view.now]).toEqual([true, false, t0]);
    expect(toShownState(view, first(view))).toBe('open');
    const resumed = toView(reducePage(frozen, { type: 'paused', at: localAt + 3_000 }), localAt + 3_000);
    expect([resumed.now, toShownState(resumed, first(resumed))]).toEqual([t0 + 3_000, 'closed']);
  });
});

describe('the chain', () => {
  it('puts instances of one name into one box and tells their breakers apart', () => {
    const second = service('payment', {
      url: 'http://127.0.0.1:4001',
      status: serviceStatus('payment', { instance: 'payment:2' }),
    });
    const view = toView(
      seen({ services: [service('order'), service('payment'), second, service('shipment')] }),
      localAt,
    );
    expect(view.groups.map(({ name, instances }) => [name, instances.length])).toEqual([
      ['order', 1],
      ['payment', 2],
      ['shipment', 1],
    ]);
    expect(view.breakers.map(({ key, instance }) => [key, instance])).toEqual([
      ['order/127.0.0.1:3000/order→payment', null],
      ['payment/127.0.0.1:3001/payment→shipment', ':3001'],
      ['payment/127.0.0.1:4001/payment→shipment', ':4001'],
    ]);
  });

  it('breaks its last service when nobody chose another', () => {
    const page = seen();
    expect(toTarget(toView(page, localAt))?.name).toBe('shipment');
    const chosen = reducePage(page, { type: 'targeted', service: 'payment', instance: null });
    expect(toTarget(toView(chosen, localAt))?.name).toBe('payment');
  });
});

describe('several instances behind a breaker each', () => {
  const at = (host: string, change: object = {}) => breaker({ ...change, name: `order→payment@${host}` });
  const viewOf = (...breakers: ReturnType<typeof at>[]) => {
    const status = serviceStatus('order', { breakers });
    return toView(
      seen({ services: [service('order', { status }), service('payment'), service('shipment')] }),
      localAt,
    );
  };

  it('have one sentence: why the first is not closed, else how all calls ended', () => {
    const calls = { windowMs: 10_000, calls: 5, failures: 1, ratio: 0.2, buckets: [] };
    const say = (...breakers: ReturnType<typeof at>[]) => {
      const view = viewOf(...breakers);
      return toGroupWhy(view, view.routes[0]?.breakers ?? []);
    };
    const [calm, busy] = [at('127.0.0.1:3001'), at('127.0.0.1:3021', { window: calls })];
    const sick = at('127.0.0.1:3022', { state: 'open', cause: 'Opened after 3 of 5 calls failed.' });
    expect([say(calm, calm), say(busy, calm), say(busy, sick)]).toEqual([
      'No calls in the last 10 s.',
      '1 of 5 calls failed in the last 10 s.',
      ':3022: Opened after 3 of 5 calls failed.',
    ]);
  });

  it('are one route, in the sequence of their short addresses', () => {
    const view = viewOf(at('127.0.0.1:3021'), at('127.0.0.1:3001'));
    expect(view.routes.map(({ name, breakers }) => [name, breakers.map(toPlaceWords)])).toEqual([
      ['order→payment', [':3001', ':3021']],
      ['payment→shipment', ['']],
    ]);
  });

  it.each([
    [
      ['a:3000', 'b:3000'],
      ['a', 'b'],
    ],
    [
      ['a:3000', 'a:3001'],
      [':3000', ':3001'],
    ],
    [
      ['a:3000', 'b:3001'],
      ['a:3000', 'b:3001'],
    ],
    [
      ['[::1]:3000', '[::1]:3001'],
      [':3000', ':3001'],
    ],
    [
      ['a', 'b'],
      ['a', 'b'],
    ],
  ])('at %j are called %j', (hosts, labels) => {
    expect(hosts.map((host) => toShortHost(host, hosts))).toEqual(labels);
  });

  it('are summed up in one line, with what the first of the sick ones says', () => {
    const view = viewOf(at('127.0.0.1:3001'), at('127.0.0.1:3020', open), at('127.0.0.1:3021'));
    expect(toRouteWords(view, view.routes[0]?.breakers ?? [])).toBe(
      '2 closed, 1 open · :3020 probe in 6.4 s · 78 rejected',
    );
  });

  it('keep the way open as long as one of them is closed', () => {
    const words = (...breakers: ReturnType<typeof at>[]) => {
      const view = viewOf(...breakers);
      const behind = view.routes[1]?.breakers[0];
      return behind && toWhy(view, behind);
    };
    const no = 'No calls reach this breaker while order → payment is open.';
    expect(words(at('a:1', open), at('a:2'))).not.toBe(no);
    expect(words(at('a:1', open), at('a:2', open))).toBe(no);
  });
});

it('an event says which of several instances it is of, and of a single one only the service', () => {
  const second = service('payment', { url: 'http://127.0.0.1:3020' });
  const alone = labStatus();
  const many = labStatus({ services: [...alone.services, second] });
  expect(toWho(toGroups(alone), opened())).toBe('payment');
  expect(toWho(toGroups(many), opened({ url: second.url }))).toBe('payment :3020');
  expect(toWho(toGroups(many), opened({ url: 'http://127.0.0.1:3999' }))).toBe('payment');
});
