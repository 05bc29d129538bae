/** The story of one order as rows: samples are cut from real runs. */
import { describe, expect, it } from 'vitest';
import { toStory } from '../../../dashboard/model/story.ts';
import { toPastedId, toStoryHash, toStoryId } from '../../../dashboard/model/story-address.ts';
import type { KeptDocument, LabStory, StoryPart } from '../../../server/story-wire.ts';
import type { LabEntry, LabStep } from '../../../server/wire.ts';
import { opened, t0 } from './samples.ts';

const time = (ms: number) => new Date(t0 + ms).toISOString();

const kept = (change: Partial<KeptDocument> = {}): KeptDocument => ({
  id: 'o',
  status: 'completed',
  acceptedAt: time(2),
  repeats: 0,
  ...change,
});

const step = (origin: string, ms: number, change: Partial<LabStep> = {}): LabStep => ({
  ...{ origin, instance: 'host:3000', at: t0 + ms, id: 'o', parent: null, step: 'answered', by: 'request' },
  ...{ status: 'completed', httpStatus: 200, ms: 1, next: null, reason: null, retryAt: null, hops: null },
  ...change,
});

const handedOn = (origin: string, ms: number, change: Partial<LabStep> = {}) =>
  step(origin, ms, { step: 'handed-on', httpStatus: null, ...change });

const part = (service: string, change: Partial<StoryPart> = {}): StoryPart => ({
  ...{ service, id: 'o', document: null, steps: [], missing: [] },
  ...change,
});

const told = (parts: readonly StoryPart[], entries: readonly LabEntry[] = []): LabStory => ({
  ...{ at: t0 + 20_000, id: 'o', parts, entries, answer: null },
});

const attempt = (ms: number, tookMs: number, outcome: string, httpStatus?: number) => ({
  ...{ at: t0 + ms, ms: tookMs, url: 'http://127.0.0.1:3002/create', outcome },
  ...(httpStatus === undefined ? {} : { httpStatus }),
});

const refusal =
  'The breaker payment→shipment opened 270 ms ago after 4 of 5 calls failed. Next try in 3.7 s.';

/** An order that found the breaker open, and was completed by the relay. */
const late = told(
  [
    part('order', {
      document: kept({ doneAt: time(12_003) }),
      steps: [
        step('order', 40, { ms: 40, httpStatus: 202, status: 'pending' }),
        handedOn('order', 13_040, {
          ms: 20,
          by: 'relay',
          next: { name: 'payment', outcome: 'done' },
          attempts: [attempt(13_025, 12, 'done')],
        }),
      ],
    }),
    part('payment', {
      document: kept({
        acceptedAt: time(8),
        doneAt: time(12_003),
        ledger: [
          { t: 'charge', amount: 1, at: time(8) },
          { t: 'capture', amount: 1, at: time(12_003) },
        ],
      }),
      steps: [
        handedOn('payment', 30, {
          ms: 19,
          status: 'pending',
          next: { name: 'shipment', outcome: 'breaker-open' },
          reason: refusal,
          retryAt: t0 + 3_830,
        }),
        handedOn('payment', 12_020, {
          ms: 50,
          by: 'relay',
          next: { name: 'shipment', outcome: 'done' },
          attempts: [{ ...attempt(11_990, 30, 'done'), probe: true }],
        }),
      ],
    }),
    part('shipment', { document: kept({ acceptedAt: time(12_003), doneAt: time(12_003) }) }),
  ],
  [opened({ at: t0 - 240, origin: 'payment', name: 'payment→shipment' })],
);

const lines = (story: LabStory, now = story.at) =>
  toStory(story, now).rows.map(({ at, service, text }) => `${at - t0} ${service} ${text}`);

describe('the story of an order', () => {
  it('that the relay completed tells the refusal, the wait, and the probe that carried it', () => {
    expect(lines(late)).toEqual([
      '-240 payment payment→shipment opens',
      '0 customer sends the order',
      '2 order keeps it: from here on it comes to an end',
      '8 payment keeps its part',
      '8 payment charges 1',
      '30 payment sends nothing to shipment: the breaker is open',
      '30 payment waits 11.9 s; it was due after 3.8 s, and the breaker was not closed',
      '40 customer gets 202 after 40 ms: kept, not finished',
      '11990 payment the relay asks shipment at :3002, as the probe of the breaker: done after 30 ms',
      '12003 shipment keeps its part',
      '12003 payment captures 1',
      '12003 shipment has completed it',
      '12020 payment has completed it',
      '13025 order the relay asks payment at :3002: done after 12 ms',
      '13040 order has completed it',
    ]);
    const { kind, headline, from, to, rows } = toStory(late, late.at);
    expect([kind, headline, from, to]).toEqual(['done', 'completed after 13.0 s', t0, t0 + 13_040]);
    expect(rows.find((row) => row.kind === 'unsent')?.detail).toBe(refusal);
  });

  it('that is pending waits until now, and says when it is tried', () => {
    const pending = { status: 'pending', nextTryAt: time(5_000), heldBy: null };
    const steps = [
      handedOn('order', 1_000, {
        status: 'pending',
        next: { name: 'payment', outcome: 'attempt-timeout' },
        reason: 'payment: No answer within 1500 ms.',
        retryAt: t0 + 5_000,
        attempts: [attempt(2, 400, 'neighbour-failed', 503), attempt(420, 560, 'attempt-timeout')],
      }),
    ];
    const story = told([part('order', { document: kept(pending), steps }), part('payment')]);
    expect(lines({ ...story, at: t0 + 2_000 })).toEqual([
      '2 order keeps it: from here on it comes to an end',
      '2 order asks payment at :3002: 503 after 400 ms',
      '420 order asks again payment at :3002: no answer within 560 ms; what became of it is unknown',
      '1000 order waits 4.0 s, for another 3.0 s',
    ]);
    const { headline, to } = toStory({ ...story, at: t0 + 2_000 }, t0 + 2_500);
    expect([headline, to]).toEqual(['pending for 2.5 s · next try in 2.5 s', t0 + 2_500]);
  });

  it('after a death names the holder whose lease ran out', () => {
    const steps = [
      handedOn('payment', 9_000, {
        ms: 20,
        by: 'relay',
        instance: 'host:3020',
        next: { name: 'shipment', outcome: 'done' },
        attempts: [attempt(8_985, 10, 'done')],
        tookOver: { from: 'host:3001', ended: 0 },
      }),
    ];
    const story = told([part('order'), part('payment', { document: kept({ acceptedAt: time(8) }), steps })]);
    expect(lines(story).slice(1)).toEqual([
      '8980 payment takes it over: the lease of host:3001 ran out without a word',
      '8985 payment the relay asks shipment at :3002: done after 10 ms',
    ]);
  });

  it('that was refused tells the refund and the cancellation, from the end of the chain back', () => {
    const problem = { status: 422, detail: 'payment refused: shipment refused: Nobody delivers there.' };
    const refused = { acceptedAt: time(4), doneAt: time(6) };
    const story = told([
      part('order', { document: kept({ status: 'cancelled', doneAt: time(9), problem }) }),
      part('payment', {
        document: kept({
          ...{ status: 'refunded', acceptedAt: time(3), doneAt: time(8), problem },
          ledger: [
            { t: 'charge', amount: 5, at: time(3) },
            { t: 'refund', amount: 5, at: time(8) },
          ],
        }),
      }),
      part('shipment', { document: kept({ status: 'rejected', ...refused, problem }) }),
    ]);
    expect(lines(story)).toEqual([
      '2 order keeps it: from here on it comes to an end',
      '3 payment keeps its part',
      '3 payment charges 5',
      '4 shipment keeps its part',
      '6 shipment refuses it for good',
      '8 payment refunds 5',
      '8 payment has refunded it',
      '9 order has cancelled it',
    ]);
    expect(toStory(story, story.at)).toMatchObject({
      kind: 'undone',
      headline: `cancelled after 7 ms: ${problem.detail}`,
      notes: [expect.stringMatching(/^No attempts are remembered of order, payment, shipment/)],
    });
  });

  it('says what is missing, and that a service cannot be asked', () => {
    const away = 'order: http://127.0.0.1:3000 does not answer: nobody listens there.';
    const story = toStory(told([part('order', { missing: [away] })]), t0);
    expect([story.kind, story.headline, story.notes]).toEqual([
      'failed',
      'order cannot be asked now',
      [away],
    ]);
  });
});

describe('the address of a story', () => {
  it('brings every id back, and is none for other places', () => {
    for (const id of ['lab-1', 'a:b.c', 'p@o', 'ü', '%']) expect(toStoryId(toStoryHash(id))).toBe(id);
    for (const hash of ['', '#', '#/orders/', '#/orders/a/b', '#chain', '#/orders/%E0%A4%A'])
      expect(toStoryId(hash)).toBeUndefined();
  });

  it('is found in what people paste: an id, an answer, a problem, an address', () => {
    for (const text of [
      ' o-1 \n',
      '"o-1"',
      '{"id":"o-1","status":"pending"}',
      '{"type":"/problems/store-unavailable","saved":true,"id" : "o-1","service":"order"}',
      'http://127.0.0.1:3000/orders/o-1?expand=payment',
      'http://127.0.0.1:3010/#/orders/o-1',
      'Location: /orders/o-1',
    ])
      expect([text, toPastedId(text)]).toEqual([text, 'o-1']);
    expect(toPastedId('  ')).toBeUndefined();
  });
});
