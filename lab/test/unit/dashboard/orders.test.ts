/** Orders are put together from steps that three services tell in any sequence. */
import { describe, expect, it } from 'vitest';
import { toCells } from '../../../dashboard/model/order-cells.ts';
import { toResult } from '../../../dashboard/model/order-result.ts';
import {
  addSteps,
  emptyHistory,
  limits,
  type OrderHistory,
  type Root,
  refreshShown,
  toParts,
} from '../../../dashboard/model/orders.ts';
import type { LabStep } from '../../../server/wire.ts';
import { chain, step, t0 } from './samples.ts';

const names = [...chain];

function tell(...steps: LabStep[]): OrderHistory {
  return steps.reduce(
    (book, one) => addSteps(book, [one], () => names.indexOf(one.origin as 'order')),
    emptyHistory,
  );
}

function cells(book: OrderHistory, root = book.roots[0]): string[] {
  const parts = toParts(book, root as Root, names.length);
  return toCells(parts, names).map(({ kind, ms, word }) =>
    [kind, word ?? ms].filter((text) => text !== null).join(' '),
  );
}

function result(book: OrderHistory, now = t0): string {
  const root = book.roots[0] as Root;
  return toResult(toParts(book, root, 1)[0], now).words;
}

/** A healthy order, the last hop first, as it is told. Every id is 1, as in the README. */
const healthy = [
  step({ origin: 'shipment', id: '1', parent: '1', ms: 15 }),
  step({
    origin: 'payment',
    id: '1',
    parent: '1',
    step: 'handed-on',
    ms: 17,
    next: { name: 'shipment', outcome: 'done' },
  }),
  step({ origin: 'payment', id: '1', parent: '1', ms: 20 }),
  step({ origin: 'order', id: '1', step: 'handed-on', ms: 22, next: { name: 'payment', outcome: 'done' } }),
  step({ origin: 'order', id: '1', ms: 24 }),
];

describe('a healthy order', () => {
  it('shows its own work at the front door and each call as its caller saw it', () => {
    const book = tell(...healthy);
    expect(book.roots).toHaveLength(1);
    expect([cells(book), result(book)]).toEqual([['ok 2', 'ok 22', 'ok 17'], 'completed']);
  });

  it('is the same in whatever sequence its steps arrive', () => {
    expect(cells(tell(...healthy.toReversed()))).toEqual(cells(tell(...healthy)));
  });

  it('is whole even when only its end was told', () => {
    const hops = names.map((service, index) => ({ service, status: 'completed', ms: 30 - index }));
    expect(cells(tell(step({ ms: 30, hops })))).toEqual(['ok 30', 'ok 29', 'ok 28']);
  });
});

describe('an order that met trouble', () => {
  const pending = { status: 'pending', httpStatus: 202 } as const;
  const handedOn = (outcome: string, more: Partial<LabStep> = {}) =>
    step({
      step: 'handed-on',
      status: 'pending',
      httpStatus: null,
      ms: 1,
      next: { name: 'payment', outcome },
      ...more,
    });

  it.each([
    ['breaker-open', {}, ['ok 3', 'rejected rejected', 'none']],
    ['bulkhead-full', {}, ['ok 3', 'rejected no slot', 'none']],
    ['neighbour-unreachable', {}, ['ok 3', 'failed unreachable', 'unknown']],
    [
      'neighbour-failed',
      { next: { name: 'payment', outcome: 'neighbour-failed', httpStatus: 503 } },
      ['ok 3', 'failed 503', 'unknown'],
    ],
    ['waiting', {}, ['ok 3', 'ok 1', 'none']],
  ])('says %s at the hop where it happened', (outcome, more, expected) => {
    expect(cells(tell(handedOn(outcome, more), step({ ...pending, ms: 4 })))).toEqual(expected);
  });

  it('says a timeout with its time, and that nobody knows what happened behind it', () => {
    const book = tell(
      handedOn('attempt-timeout', { ms: 300, retryAt: t0 + 3_600 }),
      step({ ...pending, ms: 302 }),
    );
    expect([cells(book), result(book)]).toEqual([
      ['ok 2', 'timeout 300', 'unknown'],
      'pending · unknown · retry queued in 4 s',
    ]);
  });

  it('counts down to its retry and then says that it is due', () => {
    const book = tell(handedOn('breaker-open', { retryAt: t0 + 4_000 }), step(pending));
    expect([result(book), result(book, t0 + 4_000)]).toEqual([
      'pending · retry queued in 4 s',
      'pending · retry due',
    ]);
  });

  it('is completed in place when the relay finishes it later', () => {
    const before = tell(handedOn('breaker-open', { at: t0 - 10 }), step({ ...pending, ms: 40 }));
    const done = handedOn('done', { at: t0 + 12_000, by: 'relay', status: 'completed', ms: 30 });
    const book = addSteps(before, [done], () => 0);
    expect(book.roots).toEqual(before.roots);
    expect([cells(book)[1], result(book)]).toEqual(['ok 30', 'completed after 12.0 s']);
  });

  it('does not become pending again when an older word arrives late', () => {
    const done = handedOn('done', { at: t0 + 10, status: 'completed' });
    expect(result(tell(done, step({ ...pending, at: t0 })))).toBe('completed');
  });

  it('shows an error of the front door itself', () => {
    const book = tell(step({ status: 'failed', httpStatus: 502 }));
    expect([cells(book)[0], result(book)]).toEqual(['failed 502', 'failed · 502']);
  });
});

describe('the table', () => {
  const order = (number: number, at = t0 + number) => step({ id: `o${number}`, at });

  it('lists orders by when they began, not by when they ended', () => {
    const book = tell(step({ id: 'slow', at: t0 + 100, ms: 90 }), step({ id: 'fast', at: t0 + 60, ms: 10 }));
    expect(book.roots.map(({ id }) => id)).toEqual(['fast', 'slow']);
  });

  it('does not take an old order for a new one because the relay works on it', () => {
    expect(tell(step({ by: 'relay', step: 'handed-on' })).roots).toEqual([]);
  });

  it('changes at most once a second, so that it can be read', () => {
    const first = tell(order(1));
    const second = addSteps(first, [order(2)], () => 0);
    expect(second.shown.roots.map(({ id }) => id)).toEqual(['o1']);
    const later = refreshShown(second, t0 + 1 + limits.shownEveryMs);
    expect(later.shown.roots.map(({ id }) => id)).toEqual(['o2', 'o1']);
  });

  it('stand by when they were sent, not by when they were handed on', () => {
    const sentFirst = [
      step({
        id: 'first',
        step: 'handed-on',
        at: t0 + 130,
        ms: 10,
        next: { name: 'payment', outcome: 'done' },
      }),
      step({ id: 'first', at: t0 + 130, ms: 130 }),
    ];
    const sentSecond = [
      step({
        id: 'second',
        step: 'handed-on',
        at: t0 + 70,
        ms: 10,
        next: { name: 'payment', outcome: 'done' },
      }),
      step({ id: 'second', at: t0 + 70, ms: 20 }),
    ];
    const ids = (book: OrderHistory) => book.roots.map(({ id }) => id);
    expect(ids(tell(...sentSecond, ...sentFirst))).toEqual(['second', 'first']);
    expect(ids(tell(...sentFirst, ...sentSecond))).toEqual(['second', 'first']);
  });

  it('forgets the oldest instead of growing for ever, and keeps the newest whole', () => {
    const parts = (number: number) => [
      step({ origin: 'payment', id: `p${number}`, parent: `o${number}`, at: t0 + number }),
      order(number),
    ];
    const book = tell(...Array.from({ length: 1_000 }, (_, number) => parts(number)).flat());
    expect(Object.keys(book.parts).length).toBeLessThanOrEqual(limits.parts);
    expect(book.roots[0]?.id).toBe('o999');
    expect(toParts(book, book.roots[0] as Root, 2).map((part) => part?.id)).toEqual(['o999', 'p999']);
  });
});
