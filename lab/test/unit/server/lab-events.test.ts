/** What the lab says of processes, the database, its traffic and itself. */
import { describe, expect, it } from 'vitest';
import { createLabEvents, type NewLabEntry } from '../../../server/lab-events.ts';
import { aBreaker, anOpenBreaker, aStatus } from '../../support/reports.ts';

const none = { completed: 0, pending: 0, refused: 0, failed: 0, unanswered: 0 };
const place = { name: 'payment', url: 'http://127.0.0.1:3001' };

function lab({ on = false, isOneOfMany = false } = {}) {
  const told: NewLabEntry[] = [];
  const world = { now: 1_000_000, counts: none };
  const events = createLabEvents({
    clock: () => world.now,
    traffic: () => ({ on, counts: world.counts }),
    isOneOfMany: () => isOneOfMany,
    tell: (entry) => void told.push(entry),
  });
  const pass = (ms: number, counts: Partial<typeof none> = {}) => {
    world.now += ms;
    world.counts = { ...world.counts, ...counts };
  };
  return { events, told, pass, texts: () => told.map(({ text }) => text) };
}

describe('a process', () => {
  it('that dies and comes back is two events, and the second says what was lost meanwhile', () => {
    const { events, told, pass, texts } = lab({ on: true });
    const before = aStatus({ startedAt: 1, breakers: [anOpenBreaker({ name: 'payment→shipment' })] });
    events.lost(place, 'ECONNRESET', before);
    pass(2300, { failed: 21, pending: 3, completed: 5 });
    events.back(place, before, aStatus({ startedAt: 2, breakers: [aBreaker({ name: 'payment→shipment' })] }));
    expect(texts()).toEqual([
      'payment is gone: its connection ended (ECONNRESET)',
      'payment is back after 2.3 s, as a new process; payment→shipment was OPEN and begins CLOSED; of the orders meanwhile 21 failed, 3 were kept for later and 5 were completed',
    ]);
    expect(told.map(({ event, level, origin }) => [event, level, origin])).toEqual([
      ['process', 'bad', 'payment'],
      ['process', 'good', 'payment'],
    ]);
  });

  it('that was only silent is the same process, and without traffic no orders are counted', () => {
    const { events, pass, texts } = lab();
    const status = aStatus();
    events.lost(place, 'silent for 5 s', status);
    pass(61_000, { failed: 2 });
    events.back(place, status, status);
    expect(texts()).toEqual([
      'payment is silent for 5 s: paused, overloaded, or cut off',
      'payment is back after 61 s, the same process',
    ]);
  });

  it('that was silent before it was missed was away since then', () => {
    const { events, pass, texts } = lab();
    events.lost(place, 'silent for 5 s', aStatus(), 995_000);
    pass(4000);
    events.back(place, aStatus(), aStatus());
    expect(texts()[1]).toBe('payment is back after 9 s, the same process');
  });

  it('that has the open breaker of an instance no more says so, and of a closed one nothing', () => {
    const { events, told, texts } = lab();
    events.forgotten(place, 'payment→shipment@a:1', 'closed');
    events.forgotten(place, 'payment→shipment@b:1', 'open');
    expect(texts()).toEqual([
      'payment no longer knows the instance behind payment→shipment@b:1, whose breaker was OPEN; if it comes back, its breaker begins CLOSED',
    ]);
    expect(told[0]).toMatchObject({ event: 'process', level: 'info', instance: '' });
  });

  it('that only takes its time to start is not told, and one that does not come is', () => {
    const { events, pass, texts } = lab();
    events.lost(place, 'ECONNREFUSED', null);
    pass(4000);
    events.look([]);
    events.back(place, null, aStatus());
    expect(texts()).toEqual([]);
    events.lost(place, 'ECONNREFUSED', null);
    pass(16_000);
    events.look([]);
    events.look([]);
    events.back(place, null, aStatus());
    expect(texts()).toEqual([
      'payment does not answer: nothing listens at its address',
      'payment is heard after 16 s',
    ]);
  });

  it('that was told to stop was stopped, and one of many has its address', () => {
    const { events, texts } = lab({ isOneOfMany: true });
    events.lost(place, 'ended the stream', aStatus({ phase: 'stopping' }));
    expect(texts()).toEqual(['payment at 127.0.0.1:3001 was stopped']);
  });
});

describe('the database', () => {
  it('is away when the first service says so, and back when none does any more', () => {
    const { events, pass, texts, told } = lab({ on: true });
    const all = (...states: string[]) =>
      events.look(['order', 'payment'].map((name, at) => ({ name, database: states[at] ?? 'ok' })));
    all('ok', 'ok');
    all('connection refused', 'ok');
    pass(1000);
    all('connection refused', 'connection refused');
    all('ok', 'not asked yet');
    pass(3200, { failed: 12 });
    events.look([]);
    all('ok', 'ok');
    expect(texts()).toEqual([
      'the database cannot be used, says order: connection refused',
      'the database can be used again after 1 s by order and payment',
    ]);
    expect(told.map(({ level }) => level)).toEqual(['bad', 'good']);
  });
});

describe('the lab', () => {
  it('that was started again says for how long it was away, and what became of its traffic', () => {
    const { events, texts } = lab();
    events.begun({ lastAt: 997_000, traffic: { on: true, ratePerSecond: 20 } });
    events.begun({ lastAt: 880_000, traffic: undefined });
    expect(texts()).toEqual([
      'the lab was started again after 3 s; traffic of 20/s was on and is off now',
      'the lab was started again after 2 min',
    ]);
  });

  it('tells its traffic and its resets', () => {
    const { events, texts } = lab();
    events.switched({ on: true, ratePerSecond: 20, why: 'asked' });
    events.switched({ on: false, ratePerSecond: 20, why: 'expired' });
    events.switched({ on: false, ratePerSecond: 20, why: 'asked' });
    events.reset();
    events.reset('order is not reset: ECONNREFUSED.');
    expect(texts()).toEqual([
      'traffic of 20/s is on',
      'traffic stopped by itself after ten minutes',
      'traffic is off',
      'everything was reset: traffic off, faults ended, breakers closed, first settings',
      'a reset was not complete: order is not reset: ECONNREFUSED.',
    ]);
  });
});
