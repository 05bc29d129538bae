import { describe, expect, it } from 'vitest';
import { type ChainService, chain } from '../../../chain.ts';
import type { AuditedDocument } from '../../audit/documents.ts';
import {
  type Finding,
  type FoundDocuments,
  judgeAcknowledged,
  judgeDocument,
  judgeWaiting,
} from '../../audit/judge.ts';

const [front, middle, end] = chain;
const invoices: ChainService = {
  name: 'invoice',
  plural: 'invoices',
  folder: 'invoice',
  port: 3003,
  optional: true,
};
const judgeOrder = (document: AuditedDocument, parts: FoundDocuments) =>
  judgeDocument({ service: front, next: middle }, document, { parts });
const judgePayment = (
  document: AuditedDocument,
  parent: AuditedDocument | undefined,
  parts: FoundDocuments,
) => judgeDocument({ service: middle, before: front, next: end }, document, { parent, parts });
const judgeShipment = (document: AuditedDocument, parent: AuditedDocument | undefined) =>
  judgeDocument({ service: end, before: middle }, document, { parent });

const answers: Readonly<Record<string, number | null>> = { accepted: null, dead: null, completed: 200 };
const kept = (fields: Partial<AuditedDocument>): AuditedDocument => ({
  _id: 'x',
  state: 'completed',
  parent: null,
  at: new Date(0),
  child: undefined,
  amount: undefined,
  childAmount: undefined,
  answered: answers[fields.state ?? 'completed'] === undefined ? 422 : (answers[`${fields.state}`] ?? null),
  err: undefined,
  ledger: [],
  ...fields,
});
const order = (state: string, fields: Partial<AuditedDocument> = {}) =>
  kept({ _id: 'o', state, child: 'p', childAmount: 5, ...fields });
const ledgers: Record<string, string[]> = {
  completed: ['charge', 'capture'],
  refunded: ['charge', 'refund'],
  rejected: [],
};
const payment = (state: string, fields: Partial<AuditedDocument> = {}) =>
  kept({
    _id: 'p',
    state,
    parent: 'o',
    child: 's',
    amount: 5,
    ledger: (ledgers[state] ?? ['charge']).map((t) => ({ t, amount: 5 })),
    ...fields,
  });
const shipment = (state: string, fields: Partial<AuditedDocument> = {}) =>
  kept({ _id: 's', state, parent: 'p', ...fields });
const named = (...all: (AuditedDocument | undefined)[]) =>
  new Map(all.flatMap((one) => (one === undefined ? [] : [[one._id, one] as const])));
const kindsOf = (findings: Finding[]) => findings.map(({ kind }) => kind);

describe('an order', () => {
  it.each([
    ['completed', 'completed'],
    ['cancelled', 'refunded'],
    ['cancelled', 'rejected'],
    ['completed', 'accepted'],
    ['accepted', 'completed'],
    ['accepted', 'refunded'],
    ['dead', 'accepted'],
  ])('%s agrees with a payment that is %s', (mine, its) => {
    expect(judgeOrder(order(mine), named(payment(its)))).toEqual([]);
  });

  it.each([
    ['completed', 'refunded'],
    ['completed', 'rejected'],
    ['completed', 'dead'],
    ['cancelled', 'completed'],
    ['cancelled', 'accepted'],
    ['cancelled', 'dead'],
  ])('%s contradicts a payment that is %s', (mine, its) => {
    expect(kindsOf(judgeOrder(order(mine), named(payment(its))))).toEqual(['disagreement']);
  });

  it('that is final has a payment, and while it is pending needs none', () => {
    expect(kindsOf(judgeOrder(order('completed'), named()))).toEqual(['lost']);
    expect(kindsOf(judgeOrder(order('cancelled'), named()))).toEqual(['lost']);
    expect(judgeOrder(order('accepted'), named())).toEqual([]);
  });

  it('may be cancelled, but not completed, when the payment that it names is of another', () => {
    const others = payment('completed', { parent: 'another' });
    expect(judgeOrder(order('cancelled'), named(others))).toEqual([]);
    expect(kindsOf(judgeOrder(order('completed'), named(others)))).toEqual(['disagreement']);
  });
});

it('an order pays what its payment is for', () => {
  expect(kindsOf(judgeOrder(order('completed', { childAmount: 6 }), named(payment('completed'))))).toEqual([
    'disagreement',
  ]);
  expect(judgeOrder(order('cancelled'), named(payment('rejected', { amount: undefined })))).toEqual([]);
});

describe('the stored answer', () => {
  it.each([
    ['completed', null, 'lost'],
    ['completed', 422, 'disagreement'],
    ['cancelled', 200, 'disagreement'],
    ['cancelled', null, 'lost'],
    ['accepted', 200, 'disagreement'],
    ['dead', 422, 'disagreement'],
    ['refunded', 422, 'disagreement'],
    ['nonsense', 200, 'disagreement'],
  ])('of an order that is %s cannot be %s', (state, answered, kind) => {
    const its = payment(state === 'completed' ? 'completed' : 'rejected');
    expect(kindsOf(judgeOrder(order(state, { answered }), named(its)))).toEqual([kind]);
  });

  it('is there for every final payment and shipment', () => {
    const bare = payment('refunded', { answered: null });
    expect(kindsOf(judgePayment(bare, order('cancelled'), named(shipment('rejected'))))).toEqual(['lost']);
    const bareShipment = shipment('completed', { answered: null });
    expect(kindsOf(judgeShipment(bareShipment, payment('completed')))).toEqual(['lost']);
  });
});

describe('what waits', () => {
  const limits = { now: 60_000, limitMs: 60_000 };

  it('is overdue beyond the limit, not at it, and the sentence says why it waits', () => {
    expect(judgeWaiting('orders', order('accepted'), limits)).toEqual([]);
    expect(judgeWaiting('orders', order('accepted', { err: 'why' }), { ...limits, now: 60_001 })).toEqual([
      { kind: 'overdue', id: 'o', what: '"o" in orders has been pending for 60.0 s: why' },
    ]);
    expect(judgeWaiting('orders', order('completed'), { ...limits, now: 1e9 })).toEqual([]);
  });

  it('for an operator is a finding at any age', () => {
    expect(judgeWaiting('payments', payment('dead'), { ...limits, now: 0 })).toEqual([
      { kind: 'dead', id: 'p', what: '"p" in payments is put aside: nothing says why' },
    ]);
  });
});

describe('an acknowledged order', () => {
  const judge = (status: 'completed' | 'cancelled' | 'pending', state: string | undefined) =>
    kindsOf(judgeAcknowledged({ id: 'o', status }, state === undefined ? undefined : order(state)));

  it.each(['completed', 'cancelled', 'pending'] as const)('as %s is kept', (status) => {
    expect(judge(status, undefined)).toEqual(['lost']);
  });

  it.each(['accepted', 'dead', 'completed', 'cancelled'])('as final is that for ever, not %s', (state) => {
    const stands = state === 'completed' || state === 'accepted'; // answered, and about to be stored
    expect(judge('completed', state)).toEqual(stands ? [] : ['disagreement']);
    expect(judge('cancelled', state)).toEqual(state === 'cancelled' ? [] : ['disagreement']);
    expect(judge('pending', state)).toEqual([]);
  });
});

describe('a payment', () => {
  const judge = (
    mine: AuditedDocument,
    its: AuditedDocument | undefined,
    parent: AuditedDocument | undefined = order('accepted'),
  ) => kindsOf(judgePayment(mine, parent, named(its)));

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
    expect(judge(payment('completed'), shipment('accepted'))).toEqual(['charged-not-shipped']);
    expect(judge(payment('completed'), shipment('accepted', { child: 'i' }))).toEqual([]);
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

  it.each([-5, Number.NaN])('never moves %s', (amount) => {
    const ledger = ['charge', 'capture'].map((t) => ({ t, amount }));
    expect(judge(payment('completed', { amount, ledger }), shipment('completed'))).toEqual(['disagreement']);
  });

  it.each([['charge', 'capture'], ['charge', 'refund'], []])(
    'that is put aside has moved no money: %j',
    (...words) => {
      const ledger = words.map((t) => ({ t, amount: 5 }));
      expect(judge(payment('dead', { ledger }), undefined)).toEqual(['disagreement']);
    },
  );

  it('is the only one of its order', () => {
    expect(judge(payment('accepted', { _id: 'p2' }), undefined)).toEqual(['doubled']);
  });

  it('may have a key of its own, where another has its id', () => {
    const own = payment('completed', { _id: 'p@o' });
    const parts = named(payment('refunded', { parent: 'other' }), own);
    expect(judgeOrder(order('completed'), parts)).toEqual([]);
    expect(kindsOf(judgeOrder(order('cancelled'), parts))).toEqual(['disagreement']);
    const goods = named(
      shipment('rejected', { parent: 'p' }),
      shipment('completed', { _id: 's@p@o', parent: 'p@o' }),
    );
    expect(judgePayment(own, order('completed'), goods)).toEqual([]);
    expect(judgeShipment(shipment('completed', { _id: 's@p@o', parent: 'p@o' }), own)).toEqual([]);
    expect(kindsOf(judgePayment({ ...own, _id: 'q@o' }, order('completed'), goods))).toContain('doubled');
  });

  it('is there once, whatever its key', () => {
    const parts = named(payment('completed'), payment('completed', { _id: 'p@o' }));
    expect(kindsOf(judgeOrder(order('completed'), parts))).toEqual(['doubled']);
    const goods = named(shipment('completed'), shipment('completed', { _id: 's@p' }));
    expect(kindsOf(judgePayment(payment('completed'), order('completed'), goods))).toEqual(['doubled']);
  });

  it('proves that its order was there', () => {
    expect(kindsOf(judgePayment(payment('accepted'), undefined, named()))).toEqual(['lost']);
    expect(kindsOf(judgePayment(payment('accepted', { parent: null }), undefined, named()))).toEqual([]);
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

describe('a shipment with an invoice behind it', () => {
  const judge = (mine: AuditedDocument, its: AuditedDocument | undefined) =>
    kindsOf(
      judgeDocument({ service: end, before: middle, next: invoices }, mine, {
        parent: payment('accepted'),
        parts: named(its),
      }),
    );
  const invoice = (state: string) => kept({ _id: 'i', state, parent: 's' });

  it.each([
    ['completed', 'i', invoice('completed'), []],
    ['completed', 'i', undefined, ['lost']],
    ['completed', 'i', invoice('cancelled'), ['disagreement']],
    ['cancelled', 'i', invoice('rejected'), []],
    ['cancelled', 'i', invoice('completed'), ['disagreement']],
    ['completed', undefined, undefined, []],
    ['cancelled', undefined, undefined, ['lost']],
    ['accepted', 'i', undefined, []],
  ])('%s, which names %s, against %o', (state, child, its, kinds) => {
    expect(judge(shipment(state, { child }), its)).toEqual(kinds);
  });

  it('must have one where no document comes without', () => {
    const { optional: _, ...demanded } = invoices;
    const findings = judgeDocument({ service: end, next: demanded }, shipment('completed'), {});
    expect(kindsOf(findings)).toEqual(['lost']);
  });
});
