/** What the page knows after each message of the lab. */
import { describe, expect, it } from 'vitest';
import {
  emptyLab,
  type LabMessage,
  type LabState,
  maxEntries,
  reduceLab,
} from '../../../dashboard/model/lab-state.ts';
import type { LabStatus } from '../../../server/wire.ts';
import { breaker, labStatus, labStatusAt, opened, service, serviceStatus, snapshot, t0 } from './samples.ts';

const key = 'payment/127.0.0.1:3001/payment→shipment';

function learn(messages: readonly LabMessage[], from: LabState = emptyLab): LabState {
  return messages.reduce(reduceLab, from);
}

const first: LabMessage = { type: 'snapshot', snapshot: snapshot(), receivedAt: t0 };
const tick = (status: LabStatus): LabMessage => ({ type: 'tick', status, receivedAt: status.at });
const entry = (at: number, change = {}): LabMessage => ({
  type: 'entry',
  entry: opened({ at, ...change }),
  receivedAt: at,
});

describe('events', () => {
  it('are kept the newest first, at most 200', () => {
    const lab = learn(Array.from({ length: 250 }, (_, index) => entry(t0 + index)));
    expect(lab.entries).toHaveLength(maxEntries);
    expect([lab.entries[0]?.at, lab.entries.at(-1)?.at]).toEqual([t0 + 249, t0 + 50]);
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

it('of a thousand breakers that come and go nothing is left after a minute', () => {
  const begun = learn([first, tick(labStatusAt(t0)), entry(t0 + 1)]);
  let lab = begun;
  for (let number = 0; number < 1000; number += 1) {
    const name = `order→payment@10.0.0.${number}:3000`;
    const at = t0 + number * 20;
    const order = service('order', {
      status: serviceStatus('order', { breakers: [breaker({ name })], lately: {} }),
    });
    lab = learn(
      [tick(labStatusAt(at, { services: [order] })), entry(at, { name, origin: 'order', url: order.url })],
      lab,
    );
  }
  const sizes = ({ series, changes, silences }: LabState) =>
    [series, changes, silences].map((one) => Object.keys(one).sort());
  expect(sizes(lab)[1]).toHaveLength(1001);
  lab = learn([tick(labStatusAt(t0 + 90_000))], lab);
  expect(sizes(lab)).toEqual(sizes(begun));
});

it('the changes of a breaker outlast a lab that was started again', () => {
  const fresh = snapshot({
    services: labStatus().services.map((one) => ({ ...one, status: null })),
    history: [opened({ at: t0 + 1, id: 'another-boot-1' })],
  });
  const lab = learn([first, entry(t0 + 1), { type: 'snapshot', snapshot: fresh, receivedAt: t0 + 2_000 }]);
  expect(lab.changes[key]).toHaveLength(1);
});

describe('samples for the charts', () => {
  it('are one a second, however many ticks come', () => {
    const ticks = [0, 250, 500, 750, 1_000].map((ms) => tick(labStatusAt(t0 + ms)));
    expect(learn(ticks).series[key]?.map(({ second, ok }) => [second - t0 / 1_000, ok])).toEqual([
      [0, 20],
      [1, 20],
    ]);
  });

  it('leave out the seconds in which a service was away', () => {
    const away = labStatusAt(t0 + 1_000, {
      services: labStatus().services.map((one) =>
        one.name === 'payment' ? { ...one, connected: false } : one,
      ),
    });
    const lab = learn([tick(labStatusAt(t0)), tick(away), tick(labStatusAt(t0 + 2_000))]);
    expect(lab.series[key]?.map(({ second }) => second - t0 / 1_000)).toEqual([0, 2]);
    expect(lab.series['order/127.0.0.1:3000/order→payment']).toHaveLength(3);
    expect(lab.silences[service('payment').url]).toEqual([{ from: t0, to: t0 + 2_000 }]);
  });

  it('leave out what a service said before it fell silent', () => {
    const silent = { ...labStatusAt(t0 + 3_000), services: labStatus().services };
    expect(learn([tick(labStatusAt(t0)), tick(silent)]).series[key]).toHaveLength(1);
  });

  it('have a hole where the lab itself was not heard', () => {
    const lab = learn([first, tick(labStatusAt(t0 + 1_000)), tick(labStatusAt(t0 + 11_000))]);
    expect(lab.silences[service('order').url]).toEqual([{ from: t0 + 1_000, to: t0 + 11_000 }]);
  });
});
