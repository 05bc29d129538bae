/** What the lab's report says of a history: marks, gaps, events, verdict. */
import { describe, expect, it } from 'vitest';
import { toLabReport } from '../../../server/lab-report.ts';
import type { LabEntry, LabHistory, LabStatus } from '../../../server/wire.ts';
import { aFault, anOpenBreaker, aStatus, noon } from '../../support/reports.ts';

const key = 'order/127.0.0.1:3000/order→payment';
const place = { origin: 'payment', service: 'payment', instance: 'host:3001', url: 'http://127.0.0.1:3001' };
const fault = (at: number, change: 'on' | 'off', id: string) =>
  ({
    ...place,
    ...{ id, at, change, event: 'fault', reason: null, fault: aFault(), text: `flaky ${change}`, line: '' },
  }) as LabEntry;

function aHistory(more: Partial<LabHistory> = {}): LabHistory {
  const column = <T>(...values: T[]) => values;
  const counts = { pending: column(0, 0, 1), refused: column(0, 0, 0), unanswered: column(0, 0, 0) };
  return {
    at: noon + 60_000,
    samples: {
      at: [noon, noon + 1000, noon + 9000],
      customers: {
        ...{ completed: column(5, 4, 0), failed: column(0, 1, 2), ...counts },
        ...{ p50Ms: column(10, 12, null), p99Ms: column(20, 40, null) },
      },
      pending: { order: [0, 3, null] },
      breakers: {
        [key]: {
          ...{ ok: [5, 4, null], failed: [0, 1, null], rejected: [0, 0, null], relay: [0, 0, null] },
          ...{ p50Ms: [1, 2, null], p99Ms: [1, 2, null], inFlight: [1, 1, null] },
          state: ['closed', 'open', 'open'],
        },
      },
    },
    entries: [],
    ...more,
  };
}

const traffic = { on: true, ratePerSecond: 20 };
const status = (more: object = {}) =>
  ({
    ...{ at: noon, traffic, tokenNeeded: false },
    services: [{ name: 'order', status: aStatus({ breakers: [anOpenBreaker()] }) }],
    ...more,
  }) as unknown as LabStatus;

describe("the lab's report", () => {
  it('counts what customers got, and judges only with a ledger', () => {
    expect(toLabReport(aHistory(), status()).verdict).toEqual({
      text: 'Of 13 answers to customers 9 were completed, 1 kept and finished later, 3 failed. No breaker opened.',
      isGood: null,
    });
    const ledger = { accepted: 9, completed: 9, cancelled: 0, pending: 0, dead: 0, lost: 1, doubled: 0 };
    const judged = toLabReport(aHistory(), status({ ledger }));
    expect(judged.verdict.text).toMatch(/ Lost 1, doubled 0\.$/);
    expect(judged.verdict.isGood).toBe(false);
    expect(judged.ledger[0]).toEqual({ name: 'accepted', value: 9 });
  });

  it('marks when a breaker was open and how long a fault lasted, and leaves a gap where it saw nothing', () => {
    const entries = [
      fault(noon - 500, 'on', 'b-1'),
      fault(noon + 700, 'off', 'b-2'),
      fault(noon + 800, 'on', 'b-3'),
    ];
    const { charts } = toLabReport(aHistory({ entries }), status());
    const calls = charts.find(({ title }) => title === 'Calls of order→payment');
    expect(calls?.spans).toEqual([
      { from: noon, to: noon + 1000, label: 'order→payment OPEN', tone: 'open' },
      { from: noon + 8000, to: noon + 9000, label: 'order→payment OPEN', tone: 'open' },
      { from: noon - 500, to: noon + 700, label: 'payment: error 60%', tone: 'fault' },
      { from: noon + 800, to: noon + 48_000, label: 'payment: error 60%', tone: 'fault' },
    ]);
    expect(calls?.lines[0]?.points).toEqual([
      [noon, 5],
      [noon + 1000, 4],
      [noon + 2000, null],
      [noon + 9000, null],
    ]);
  });

  it('marks a fault until its process died', () => {
    const died = { id: 'l-1', event: 'process', at: noon + 300, level: 'bad', text: 'is gone', line: '' };
    const entries = [fault(noon, 'on', 'b-1'), { ...place, ...died } as LabEntry];
    const [customers] = toLabReport(aHistory({ entries }), status()).charts;
    expect(customers?.spans).toContainEqual(
      expect.objectContaining({ from: noon, to: noon + 300, tone: 'fault' }),
    );
  });

  it('has the events with what they mean, and the settings of every breaker', () => {
    const lost = {
      id: 'l-1',
      event: 'process',
      at: noon,
      level: 'bad',
      text: 'ended',
      line: 'payment ended',
    };
    const entries = [{ ...place, ...lost } as LabEntry, fault(noon, 'off', 'b-1')];
    const { events, tables } = toLabReport(aHistory({ entries }), status());
    expect(events).toEqual([
      { at: noon, who: 'payment', text: 'ended', level: 'bad' },
      { at: noon, who: 'payment', text: 'flaky off', level: 'good' },
    ]);
    expect(tables[0]?.rows).toContainEqual(['thresholdRatio', '0.5']);
    expect(tables[0]?.rows[0]).toEqual(['state', 'OPEN']);
  });

  it('can be made before anything is known', () => {
    const none = {
      completed: [],
      pending: [],
      refused: [],
      failed: [],
      unanswered: [],
      p50Ms: [],
      p99Ms: [],
    };
    const samples = { at: [], customers: none, pending: {}, breakers: {} };
    const { verdict } = toLabReport(aHistory({ samples }), status({ services: [] }));
    expect(verdict.text).toBe('The lab sent no order. No breaker opened.');
  });
});
