/** The traffic switch with a clock of its own: when orders are due, and what is counted. */
import { beforeEach, describe, expect, it } from 'vitest';
import { createTraffic, type Traffic } from '../../../server/traffic.ts';
import type { CustomerAnswer } from '../../../server/wire.ts';

let now: number;
let timers: { at: number; then: () => void }[];
let sent: { dueAt: number; answer: (status: number | null, ms?: number) => void }[];
let traffic: Traffic;

beforeEach(() => {
  now = 1_000_000;
  timers = [];
  sent = [];
  traffic = createTraffic({
    clock: () => now,
    send: (dueAt) =>
      new Promise<CustomerAnswer>((resolve) => {
        sent.push({
          dueAt,
          answer: (status, ms = 5) => resolve({ at: now, id: `o-${sent.length}`, status, ms }),
        });
      }),
    after(ms, then) {
      const timer = { at: now + ms, then };
      timers.push(timer);
      return () => {
        timers = timers.filter((one) => one !== timer);
      };
    },
  });
});

/** Lets time pass, one timer after another; `stallMs` is a process that was held up. */
function pass(ms: number, { stalled = false } = {}): void {
  const end = now + ms;
  if (stalled) now = end;
  for (;;) {
    const next = timers.toSorted((a, b) => a.at - b.at)[0];
    if (next === undefined || next.at > end) break;
    timers = timers.filter((one) => one !== next);
    now = Math.max(now, next.at);
    next.then();
  }
  now = end;
}

/** Lets promises settle. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('traffic', () => {
  it('is off at first and sends nothing', () => {
    pass(10_000);
    expect(sent).toEqual([]);
    expect(traffic.status()).toEqual({
      on: false,
      ratePerSecond: 20,
      stopsAt: null,
      sent: 0,
      dropped: 0,
      waiting: 0,
      counts: { completed: 0, pending: 0, refused: 0, failed: 0, unanswered: 0 },
      p50Ms: null,
      p99Ms: null,
      recent: [],
    });
  });

  it('sends at its rate whatever the answers do', () => {
    traffic.change({ on: true, ratePerSecond: 10 });
    pass(1000);
    expect(sent.map(({ dueAt }) => dueAt - 1_000_000)).toEqual([
      0, 100, 200, 300, 400, 500, 600, 700, 800, 900, 1000,
    ]);
    expect(traffic.status()).toMatchObject({ on: true, sent: 11, waiting: 11 });
  });

  it('makes up for a stall: what was due meanwhile is sent with the time at which it was due', () => {
    traffic.change({ on: true, ratePerSecond: 10 });
    pass(500, { stalled: true });
    expect(sent.map(({ dueAt }) => dueAt - 1_000_000)).toEqual([0, 100, 200, 300, 400, 500]);
  });

  it('drops and counts what is due while 500 wait for their answers', async () => {
    traffic.change({ on: true, ratePerSecond: 200 });
    pass(3000);
    expect(traffic.status()).toMatchObject({ sent: 500, waiting: 500, dropped: 101 });
    for (const one of sent) one.answer(200);
    await settled();
    pass(5);
    expect(traffic.status()).toMatchObject({ sent: 501, waiting: 1, dropped: 101 });
  });

  it('stops by itself after ten minutes', () => {
    traffic.change({ on: true, ratePerSecond: 1 });
    expect(traffic.status().stopsAt).toBe(now + 600_000);
    pass(700_000);
    expect(traffic.status()).toMatchObject({ on: false, stopsAt: null, sent: 500, dropped: 101 });
    expect(timers).toEqual([]);
  });

  it('is turned off at once, and awaits what is on its way', async () => {
    traffic.change({ on: true, ratePerSecond: 10 });
    traffic.change({ on: false, ratePerSecond: 10 });
    pass(1000);
    expect(traffic.status()).toMatchObject({ on: false, sent: 1, waiting: 1 });
    sent[0]?.answer(202);
    await settled();
    expect(traffic.status()).toMatchObject({ waiting: 0, counts: { pending: 1 } });
  });

  it('changes its rate without a burst', () => {
    traffic.change({ on: true, ratePerSecond: 1 });
    pass(500);
    traffic.change({ on: true, ratePerSecond: 10 });
    pass(1000);
    expect(sent.map(({ dueAt }) => dueAt - 1_000_000)).toEqual([0, 1000, 1100, 1200, 1300, 1400, 1500]);
  });
});

describe('the counts', () => {
  it('are what the customer saw', async () => {
    traffic.change({ on: true, ratePerSecond: 10 });
    pass(600);
    for (const [index, status] of [200, 202, 422, 503, null, 200, 302].entries()) sent[index]?.answer(status);
    await settled();
    const { counts, recent, waiting } = traffic.status();
    expect(counts).toEqual({ completed: 2, pending: 1, refused: 1, failed: 2, unanswered: 1 });
    expect(recent.map(({ status }) => status)).toEqual([200, 202, 422, 503, null, 200, 302]);
    expect(waiting).toBe(0);
  });

  it('tell the latencies of the last ten seconds, without those that brought no answer', async () => {
    traffic.change({ on: true, ratePerSecond: 10 });
    pass(300);
    for (const [index, ms] of [10, 20, 30].entries()) sent[index]?.answer(200, ms);
    sent[3]?.answer(null, 10_000);
    await settled();
    expect(traffic.status()).toMatchObject({ p50Ms: 20, p99Ms: 30 });
    traffic.change({ on: false, ratePerSecond: 10 });
    pass(10_001);
    expect(traffic.status()).toMatchObject({ p50Ms: null, p99Ms: null });
  });

  it('keep the newest 60 answers', async () => {
    for (let one = 1; one <= 70; one += 1) traffic.count({ at: now, id: `o-${one}`, status: 200, ms: 1 });
    const { recent, sent: all } = traffic.status();
    expect([recent.length, recent[0]?.id, recent.at(-1)?.id, all]).toEqual([60, 'o-11', 'o-70', 70]);
  });

  it('begin at zero after a reset, and answers from before count nowhere', async () => {
    traffic.change({ on: true, ratePerSecond: 50 });
    pass(100);
    traffic.reset();
    for (const one of sent) one.answer(200);
    await settled();
    expect(traffic.status()).toMatchObject({ on: false, ratePerSecond: 20, sent: 0, waiting: 0, recent: [] });
  });
});
