/** What is in the lab's files, and what becomes of files that are not as they should be. */
import { describe, expect, it } from 'vitest';
import { header, readLines, toLine } from '../../../server/history-lines.ts';
import { toSampleColumns, toSamples } from '../../../server/sample-columns.ts';
import type { LabEntry, LabSample } from '../../../server/wire.ts';
import { anEntry } from '../../support/reports.ts';

const all = { from: 0, to: 10_000_000 };

function sample(at: number, heard = true): LabSample {
  const one = { ok: 20, failed: 1, rejected: 2, relay: 3, p50Ms: 4, p99Ms: null, inFlight: 5 } as const;
  return {
    at,
    breakers: heard ? { 'order/127.0.0.1:3000/order→payment': { ...one, state: 'half_open' } } : {},
    customers: { completed: 1, pending: 2, refused: 3, failed: 4, unanswered: 5, p50Ms: 6, p99Ms: null },
    pending: heard ? { order: 7 } : {},
  };
}

const entry = { ...anEntry(1), at: 3000, origin: 'order', url: 'http://127.0.0.1:3000' } as LabEntry;
const own = {
  event: 'process',
  id: 'lab-1',
  at: 4000,
  origin: 'payment',
  service: 'payment',
  instance: '',
  text: 'payment is gone',
  line: 'payment is gone',
  level: 'bad',
} as const;

it('samples are the same after columns', () => {
  const samples = [sample(1000), sample(2000, false), sample(3000)];
  expect(toSamples(JSON.parse(JSON.stringify(toSampleColumns(samples))))).toEqual(samples);
});

describe('the files', () => {
  it('say what was written, whichever file it is in', () => {
    const first = [
      header,
      toLine({ sample: sample(1000) }),
      toLine({ entry, from: 'b-1' }),
      toLine({ traffic: { on: true, ratePerSecond: 20 } }),
    ].join('');
    const second = [header, toLine({ sample: sample(2000) }), toLine({ entry: own }), toLine({ end: 2500 })];
    expect(readLines([first, second.join('')], all)).toEqual({
      samples: [sample(1000), sample(2000)],
      entries: [entry, own],
      lastIds: new Map([['http://127.0.0.1:3000', 'b-1']]),
      traffic: { on: true, ratePerSecond: 20 },
      lastAt: 2500,
      bad: 0,
    });
  });

  it('of the past and of the future are left out', () => {
    const text = [500, 1500, 9000].map((at) => toLine({ sample: sample(at) })).join('');
    expect(readLines([text], { from: 1000, to: 2000 }).samples.map(({ at }) => at)).toEqual([1500]);
  });

  it.each([
    ['torn', toLine({ sample: sample(1000) }).slice(0, 40)],
    ['no JSON', 'hello'],
    ['null', 'null'],
    ['another value', '{"sample":"none"}'],
    ['a sample without its numbers', '{"sample":[1000,{"a":[1]},[1,2,3,4,5,6,7],{}]}'],
    ['a sample with another state', '{"sample":[1000,{"a":[1,2,3,4,5,6,7,"x"]},[1,2,3,4,5,6,7],{}]}'],
    ['an event without a place', '{"entry":{"event":"transition","at":1}}'],
    ['an event of another kind', JSON.stringify({ entry: { ...own, event: 'surprise' } })],
    ['an event in no state', JSON.stringify({ entry: { ...entry, state: 'ajar' } })],
    ['traffic without a rate', '{"traffic":{"on":true}}'],
  ])('with a line that is %s lose only that line', (_what, line) => {
    const text = `${header}${line}\n${toLine({ sample: sample(2000) })}`;
    const { samples, bad } = readLines([text], all);
    expect([samples.length, bad]).toEqual([1, 1]);
  });
});
