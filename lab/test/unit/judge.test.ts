import { describe, expect, it } from 'vitest';
import type { Kept } from '../../audit/documents.ts';
import { type Finding, judgeOrder, judgePayment, judgeShipment } from '../../audit/judge.ts';

const kept = (fields: Partial<Kept>): Kept => ({
  _id: 'x',
  state: 'completed',
  parent: null,
  at: new Date(0),
  child: undefined,
  amount: undefined,
  ledger: [],
  ...fields,
});
const order = (state: string) => kept({ _id: 'o', state, child: 'p' });
const ledgers: Record<string, string[]> = {
  completed: ['charge', 'capture'],
  refunded: ['charge', 'refund'],
  rejected: [],
};
const payment = (state: string, fields: Partial<Kept> = {}) =>
  kept({
    _id: 'p',
    state,
    parent: 'o',
    child: 's',
    amount: 5,
    ledger: (ledgers[state] ?? ['charge']).map((t) => ({ t, amount: 5 })),
    ...fields,
  });
const shipment = (state: string, fields: Partial<Kept> = {}) =>
  kept({ _id: 's', state, parent: 'p', ...fields });
const kindsOf = (findings: Finding[]) => findings.map(({ kind }) => kind);

describe('an order', () => {
  it.each([
    ['completed', 'completed'],
    ['cancelled', 'refunded'],
    ['cancelled', 'rejected'],
    ['accepted', 'completed'],
    ['accepted', 'refunded'],
    ['dead', 'accepted'],
  ])('%s agrees with a payment that is %s', (mine, its) => {
    expect(judgeOrder(order(mine), payment(its))).toEqual([]);
  });

  it.each([
    ['completed', 'refunded'],
    ['completed', 'rejected'],
    ['completed', 'accepted'],
    ['cancelled', 'completed'],
    ['cancelled', 'accepted'],
    ['cancelled', 'dead'],
  ])('%s contradicts a payment that is %s', (mine, its) => {
    expect(kindsOf(judgeOrder(order(mine), payment(its)))).toEqual(['disagreement']);
  });

  it('that is final has a payment, and while it is pending needs none', () => {
    expect(kindsOf(judgeOrder(order('completed'), undefined))).toEqual(['lost']);
    expect(kindsOf(judgeOrder(order('cancelled'), undefined))).toEqual(['lost']);
    expect(judgeOrder(order('accepted'), undefined)).toEqual([]);
  });

  it('may be cancelled, but not completed, when the payment that it names is of another', () => {
    const others = payment('completed', { parent: 'another' });
    expect(judgeOrder(order('cancelled'), others)).toEqual([]);
    expect(kindsOf(judgeOrder(order('completed'), others))).toEqual(['disagreement']);
  });
});

describe('a payment', () => {
  const judge = (mine: Kept, its: Kept | undefined, parent: Kept | undefined = order('accepted')) =>
    kindsOf(judgePayment(mine, parent, its));

  it('agrees with its shipment', () => {
    expect(judge(payment('completed'), shipment('completed'))).toEqual([]);
    expect(judge(payment('refunded'), shipment('rejected'))).toEqual([]);
    expect(judge(payment('rejected'), undefined)).toEqual([]);
    expect(judge(payment('accepted'), shipment('completed'))).toEqual([]);
    expect(judge(payment('accepted'), undefined)).toEqual([]);
  });

  it('is not captured without a shipment of its own', () => {
    expect(judge(payment('completed'), undefined)).toEqual(['charged-not-shipped']);
    expect(judge(payment('completed'), shipment('rejected'))).toEqual(['charged-not-shipped']);
    expect(judge(payment('completed'), shipment('completed', { parent: 'q' }))).toEqual([
      'charged-not-shipped',
    ]);
  });

  it('is not given back for what was shipped', () => {
    expect(judge(payment('refunded'), shipment('completed'))).toEqual(['disagreement']);
    expect(judge(payment('rejected'), shipment('completed'))).toEqual(['disagreement']);
  });

  it('is given back only for a refusal that is kept', () => {
    expect(judge(payment('refunded'), undefined)).toEqual(['lost']);
  });

  it.each([
    ['completed', ['charge', 'charge', 'capture'], 'doubled'],
    ['completed', ['charge', 'capture', 'refund'], 'doubled'],
    ['completed', ['charge', 'capture', 'capture'], 'doubled'],
    ['completed', ['charge'], 'disagreement'],
    ['completed', ['charge', 'refund'], 'disagreement'],
    ['accepted', ['charge', 'capture'], 'disagreement'],
    ['accepted', [], 'disagreement'],
  ])('%s with the ledger %j is %s', (state, words, kind) => {
    const ledger = words.map((t) => ({ t, amount: 5 }));
    expect(judge(payment(state, { ledger }), shipment('completed'))).toEqual([kind]);
  });

  it('moves the amount that it is for', () => {
    const ledger = [
      { t: 'charge', amount: 5 },
      { t: 'capture', amount: 6 },
    ];
    expect(judge(payment('completed', { ledger }), shipment('completed'))).toEqual(['disagreement']);
  });

  it('is the only one of its order', () => {
    expect(judge(payment('accepted', { _id: 'p2' }), undefined)).toEqual(['doubled']);
  });

  it('proves that its order was there', () => {
    expect(kindsOf(judgePayment(payment('accepted'), undefined, undefined))).toEqual(['lost']);
    expect(kindsOf(judgePayment(payment('accepted', { parent: null }), undefined, undefined))).toEqual([]);
  });
});

describe('a shipment', () => {
  it('is the only one of a payment that is there', () => {
    expect(judgeShipment(shipment('completed'), payment('completed'))).toEqual([]);
    expect(kindsOf(judgeShipment(shipment('completed', { _id: 's2' }), payment('completed')))).toEqual([
      'doubled',
    ]);
    expect(kindsOf(judgeShipment(shipment('completed'), undefined))).toEqual(['lost']);
  });
});
