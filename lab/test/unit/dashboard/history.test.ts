/** What the page makes of the history: points of charts, rows of events, marks, and the time that is shown. */
import { describe, expect, it } from 'vitest';
import { toMarks, toMarkWords } from '../../../dashboard/model/chart-marks.ts';
import { addEntries, toKind } from '../../../dashboard/model/entries.ts';
import { addSamples, toPoints, toSentRates } from '../../../dashboard/model/series.ts';
import { scrollTo, toTimeRange, usualChoice } from '../../../dashboard/model/time-range.ts';
import { keptMs } from '../../../server/kept.ts';
import type { LabEntry, LabMadeEntry } from '../../../server/wire.ts';
import { aFault, anEntry } from '../../support/reports.ts';
import { opened, sample } from './samples.ts';

const key = 'payment/127.0.0.1:3001/payment→shipment';
const seconds = (...all: number[]) => all.map((second) => sample(second * 1_000));

describe('samples', () => {
  it('are merged by second, whichever came first, and kept for half an hour', () => {
    const merged = addSamples(seconds(3, 5), seconds(1, 3, 4));
    expect(merged.map(({ at }) => at / 1_000)).toEqual([1, 3, 4, 5]);
    expect(addSamples(merged, [sample(keptMs + 4_000)]).map(({ at }) => at / 1_000)).toEqual([5, 1_804]);
  });

  it('of a minute are one point each, with a hole where the breaker was not heard', () => {
    const samples = [...seconds(1, 2), sample(3_000, null), sample(4_000, null), ...seconds(6, 7)];
    const { seconds: at, points } = toPoints(samples, key, { from: 0, to: 60_000 });
    expect(at).toEqual([1, 2, 3, 6, 7]);
    expect(points.map((point) => point?.ok ?? null)).toEqual([20, 20, null, 20, 20]);
  });

  it('of half an hour are at most 300 points: means of rates, the worst of latencies', () => {
    const samples = Array.from({ length: 1_800 }, (_, second) =>
      sample(second * 1_000, { ok: second % 6 === 0 ? 60 : 0, p99Ms: second % 6 === 0 ? 900 : 9 }),
    );
    const { each, points } = toPoints(samples, key, { from: 0, to: 1_800_000 });
    expect([each, points.length]).toEqual([6, 300]);
    expect(points[5]).toMatchObject({ second: 30, ok: 10, p99Ms: 900 });
  });

  it('say what was sent a second, by customers and by the relay', () => {
    const samples = [1, 2].map((second) => sample(second * 1_000, { ok: 20, failed: 4, relay: 6 }));
    expect(toSentRates(samples, key)).toEqual({ customers: 18, relay: 6 });
    expect(toSentRates(samples, 'another')).toBeNull();
  });
});

describe('events', () => {
  const row = (since: number, at: number, id = `lab-${at}`): LabEntry =>
    ({ ...anEntry(1), id, at, since, total: at, origin: 'order', url: 'http://order:3000' }) as LabEntry;

  it('that are rejections in a row are one, renewed in its place', () => {
    const entries = addEntries([opened({ at: 5 })], [row(2, 2), row(2, 9), row(2, 7), row(20, 21)]);
    expect(entries.map(({ event, at }) => `${event} ${at}`)).toEqual([
      'rejections 21',
      'transition 5',
      'rejections 9',
    ]);
  });

  it('are of a kind that the list can leave out', () => {
    const kinds = [
      'transition',
      'rejections',
      'fault',
      'configured',
      'traffic',
      'process',
      'database',
      'lab',
    ];
    expect(kinds.map((event) => toKind({ event } as LabEntry))).toEqual([
      'breakers',
      'breakers',
      'faults',
      'settings',
      'settings',
      'processes',
      'processes',
      'processes',
    ]);
  });
});

describe('marks', () => {
  const fault = (at: number, change: 'on' | 'off', instance = 'shipment:3000'): LabEntry =>
    ({
      ...opened(),
      event: 'fault',
      at,
      change,
      service: 'shipment',
      instance,
      fault: aFault({ expiresAt: 60_000 }),
    }) as unknown as LabEntry;
  const died = (at: number, instance = 'shipment:3000'): LabMadeEntry => ({
    event: 'process',
    id: `lab-${at}`,
    at,
    origin: 'shipment',
    service: 'shipment',
    instance,
    text: 'shipment is gone',
    line: 'shipment is gone',
    level: 'bad',
  });

  it('of a fault reach until it ends, expires, or its process dies', () => {
    const windowsOf = (...entries: LabEntry[]) =>
      toMarks(entries.toReversed()).windows.map(({ from, to }) => [from, to]);
    expect(windowsOf(fault(1_000, 'on'), fault(5_000, 'off'))).toEqual([[1_000, 5_000]]);
    expect(windowsOf(fault(1_000, 'on'))).toEqual([[1_000, 60_000]]);
    expect(windowsOf(fault(1_000, 'on'), died(3_000))).toEqual([[1_000, 3_000]]);
    expect(windowsOf(fault(1_000, 'on'), died(3_000, ''))).toEqual([[1_000, 3_000]]);
  });

  it('of a fault go on when another instance of the service dies', () => {
    const entries = [died(3_000, 'shipment:3001'), fault(1_000, 'on')];
    expect(toMarks(entries).windows).toEqual([{ from: 1_000, to: 60_000, label: 'shipment: error 60%' }]);
  });

  it('are told with the values of their time', () => {
    const marks = toMarks([died(3_000), fault(1_000, 'on')]);
    expect(toMarkWords(marks, { from: 2_000, to: 4_000 })).toBe('shipment: error 60%; shipment is gone');
    expect(toMarkWords(marks, { from: 4_000, to: 5_000 })).toBe('');
  });
});

describe('the time that is shown', () => {
  const bounds = { oldest: 1_000_000, now: 2_000_000 };

  it('follows the present until somebody goes back, and again at its end', () => {
    expect(toTimeRange(usualChoice, 90_000)).toEqual({ from: 30_000, to: 90_000, isLive: true });
    const back = scrollTo(usualChoice, 1_500_000, bounds);
    expect(toTimeRange(back, 2_000_000)).toEqual({ from: 1_440_000, to: 1_500_000, isLive: false });
    expect(scrollTo(back, 2_000_001, bounds)).toEqual(usualChoice);
  });

  it('does not go to where nothing is known', () => {
    expect(scrollTo(usualChoice, 0, bounds).until).toBe(1_060_000);
  });
});
