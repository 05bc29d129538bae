/** What the page knows after each message of the lab. */
import { describe, expect, it } from 'vitest';
import { toChanges } from '../../../dashboard/model/entries.ts';
import { emptyLab, type LabMessage, type LabState, reduceLab } from '../../../dashboard/model/lab-state.ts';
import { keptEntries } from '../../../server/kept.ts';
import { toSampleColumns } from '../../../server/sample-columns.ts';
import type { LabHistory } from '../../../server/wire.ts';
import { labStatus, opened, sample, snapshot, t0 } from './samples.ts';

const key = 'payment/127.0.0.1:3001/payment→shipment';

function learn(messages: readonly LabMessage[], from: LabState = emptyLab): LabState {
  return messages.reduce(reduceLab, from);
}

const first: LabMessage = { type: 'snapshot', snapshot: snapshot(), receivedAt: t0 };
const entry = (at: number, change = {}): LabMessage => ({
  type: 'entry',
  entry: opened({ at, ...change }),
  receivedAt: at,
});

describe('events', () => {
  it('are kept the newest first, at most 2,000', () => {
    const history = Array.from({ length: keptEntries }, (_, index) => opened({ at: t0 + index }));
    const lab = learn([
      { type: 'snapshot', snapshot: snapshot({ history }), receivedAt: t0 },
      ...Array.from({ length: 50 }, (_, index) => entry(t0 + keptEntries + index)),
    ]);
    expect(lab.entries).toHaveLength(keptEntries);
    expect([lab.entries[0]?.at, lab.entries.at(-1)?.at]).toEqual([t0 + keptEntries + 49, t0 + 50]);
  });

  it('that are told again after a reconnect are shown and spoken once', () => {
    const again = snapshot({ history: [opened({ at: t0 + 5, id: 'another-boot-1' })] });
    const lab = learn([first, entry(t0 + 5), { type: 'snapshot', snapshot: again, receivedAt: t0 + 9_000 }]);
    expect([lab.entries.length, lab.spoken.length]).toEqual([1, 1]);
  });

  it('that were missed take their place by time', () => {
    const late = snapshot({ history: [opened({ at: t0 + 2 })] });
    const lab = learn([first, entry(t0 + 5), { type: 'snapshot', snapshot: late, receivedAt: t0 + 9_000 }]);
    expect(lab.entries.map(({ at }) => at)).toEqual([t0 + 5, t0 + 2]);
  });

  it('of the past are not read out to somebody who has just come', () => {
    const lab = learn([{ type: 'snapshot', snapshot: snapshot({ history: [opened()] }), receivedAt: t0 }]);
    expect([lab.entries.length, lab.spoken]).toEqual([1, []]);
  });

  it('of transitions are spoken in one sentence each', () => {
    expect(learn([first, entry(t0)]).spoken.map(({ text }) => text)).toEqual([
      'The breaker payment to shipment opened: 3 of 5 calls failed. Probe in 10 s.',
    ]);
  });

  it('that are lost are admitted', () => {
    const lost = snapshot({ gap: true });
    expect(learn([{ type: 'snapshot', snapshot: lost, receivedAt: t0 }]).missed).toBe(true);
  });
});

it('the changes of a breaker outlast a lab that was started again', () => {
  const fresh = snapshot({
    services: labStatus().services.map((one) => ({ ...one, status: null })),
    history: [opened({ at: t0 + 1, id: 'another-boot-1' })],
  });
  const lab = learn([first, entry(t0 + 1), { type: 'snapshot', snapshot: fresh, receivedAt: t0 + 2_000 }]);
  expect(toChanges(lab.entries, key)).toHaveLength(1);
});

describe('the history of the lab', () => {
  const history: LabHistory = {
    at: t0,
    samples: toSampleColumns([1, 2, 3].map((second) => sample(t0 + second * 1_000))),
    entries: [opened({ at: t0 + 1 }), opened({ at: t0 + 7 })],
  };
  const told: LabMessage = { type: 'history', history, receivedAt: t0 };

  it('fills what a page has not heard itself, and tells nothing twice', () => {
    const lab = learn([
      first,
      entry(t0 + 7),
      { type: 'sample', sample: sample(t0 + 3_000), receivedAt: t0 },
      { type: 'sample', sample: sample(t0 + 5_000), receivedAt: t0 },
      told,
    ]);
    expect(lab.samples.map(({ at }) => at - t0)).toEqual([1_000, 2_000, 3_000, 5_000]);
    expect(lab.entries.map(({ at }) => at - t0)).toEqual([7, 1]);
    expect(lab.spoken).toHaveLength(1);
  });

  it('makes good what was missed', () => {
    const gap: LabMessage = { type: 'snapshot', snapshot: snapshot({ gap: true }), receivedAt: t0 };
    expect([learn([gap]).missed, learn([gap, told]).missed]).toEqual([true, false]);
  });
});
