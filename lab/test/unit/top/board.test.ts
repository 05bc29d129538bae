/** What `npm run top` remembers of what it heard. */
import { expect, it } from 'vitest';
import { afterLoss, afterMessage, createBoard, isFresh } from '../../../top/board.ts';
import { anEntry, aSnapshot, aStatus, noon } from '../../support/reports.ts';

const url = 'http://127.0.0.1:3000';
const empty = createBoard([url, 'http://127.0.0.1:3001']);

it('takes the status of a snapshot and of every tick', () => {
  const first = afterMessage(empty, url, snapshot([]), noon);
  const second = afterMessage(first, url, message('tick', aStatus({ ready: false })), noon + 250);
  expect(second.services).toEqual([
    { url, status: aStatus({ ready: false }), statusAt: noon + 250, heardAt: noon + 250, lost: null },
    empty.services[1],
  ]);
});

it('shows an event once, although snapshots repeat it', () => {
  const first = afterMessage(empty, url, snapshot([anEntry(1), anEntry(2)]), noon);
  const second = afterMessage(first, url, message('rejections', anEntry(3)), noon);
  const again = afterMessage(second, url, snapshot([anEntry(2), anEntry(3), anEntry(4)]), noon);
  expect(again.events.map(({ id }) => id)).toEqual(['b-1', 'b-2', 'b-3', 'b-4']);
});

it('puts the events of all services into one sequence of time', () => {
  const first = afterMessage(empty, url, snapshot([anEntry(1), anEntry(5)]), noon);
  const entry = anEntry(3, { service: 'payment' });
  const second = afterMessage(first, 'http://127.0.0.1:3001', message('rejections', entry), noon);
  expect(second.events.map(({ service, id }) => `${service} ${id}`)).toEqual([
    'order b-1',
    'payment b-3',
    'order b-5',
  ]);
});

it('keeps the newest hundred events', () => {
  const all = Array.from({ length: 150 }, (_, index) => anEntry(index));
  const { events } = afterMessage(empty, url, snapshot(all), noon);
  expect([events.length, events.at(-1)?.id]).toEqual([100, 'b-149']);
});

it('believes a service for five seconds after its last word, a heartbeat included', () => {
  const spoken = afterMessage(empty, url, snapshot([]), noon);
  const beaten = afterMessage(spoken, url, message('heartbeat', { at: noon }), noon + 3_000);
  const fresh = (now: number) => beaten.services.map((service) => isFresh(service, now));
  expect(fresh(noon + 7_999)).toEqual([true, false]);
  expect(fresh(noon + 8_000)).toEqual([false, false]);
});

it('remembers why a stream was lost until it is heard again', () => {
  const lost = afterLoss(afterMessage(empty, url, snapshot([]), noon), url, 'ended the stream');
  expect(lost.services[0]?.lost).toBe('ended the stream');
  expect(afterMessage(lost, url, snapshot([]), noon).services[0]?.lost).toBeNull();
});

it.each([[null], ['text'], [{ services: [], traffic: {} }], [{ service: 'order' }]])(
  'does not take %j for the status of a service',
  (data) => {
    expect(afterMessage(empty, url, message('snapshot', data), noon).services[0]).toEqual({
      url,
      status: null,
      statusAt: 0,
      heardAt: null,
      lost: 'does not speak as a service of this chain',
    });
  },
);

function snapshot(history: Parameters<typeof aSnapshot>[1]) {
  return message('snapshot', aSnapshot(aStatus(), history));
}

function message(event: string, data: unknown) {
  return { event, data };
}
