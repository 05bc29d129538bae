/** The id of a part belongs to its parent: whoever uses it first takes nothing away from anybody. */
import request from 'supertest';
import { beforeEach, describe, expect, it } from 'vitest';
import type { RunningHop } from '../../src/app/run-hop.ts';
import { postAsHop } from '../support/as-hop.ts';
import { useHops } from '../support/hops.ts';
import { createDocument } from '../support/kinds.ts';
import { startChain } from '../support/start-chain.ts';

const hops = useHops();
let front: RunningHop;
let middle: RunningHop;
let end: RunningHop;

beforeEach(async () => {
  ({ front, middle, end } = await startChain(hops));
});

const victims = () => ({
  ...createDocument('victim'),
  middle: { ...createDocument('victim').middle, amount: 7 },
});
const squats: [string, () => Promise<unknown>][] = [
  [
    'as the middle of another front',
    () => send({ ...createDocument('thief'), middle: { ...victims().middle, amount: 1 } }),
  ],
  [
    'as the same middle of another front',
    () => send({ ...createDocument('thief'), middle: victims().middle }),
  ],
  ['as a middle of its own', () => request(middle.url).post('/create').send(victims().middle)],
  [
    'as a middle that is refused',
    () => send({ ...createDocument('thief'), middle: { ...victims().middle, amount: 9999 } }),
  ],
  ['as an end of its own', () => request(end.url).post('/create').send(victims().middle.end)],
  [
    'as an end of another middle',
    () => {
      const mine = createDocument('thief');
      return send({ ...mine, middle: { ...mine.middle, end: victims().middle.end } });
    },
  ],
];
const send = (body: object) => request(front.url).post('/create').send(body);

describe('a document whose ids of parts somebody has used before', () => {
  it.each(squats)('%s is completed, paid and shipped once', async (_how, squat) => {
    await squat();
    const answer = await send(victims());
    expect([answer.status, answer.body.id]).toEqual([200, 'victim']);
    expect((await send(victims())).headers['idempotent-replayed']).toBe('true');

    const middles = async () => (await hops.stored('middles')).filter(({ parent }) => parent === 'victim');
    // The final state is stored after the answer.
    await expect.poll(middles).toMatchObject([
      {
        state: 'completed',
        body: { id: 'm-victim' },
        ledger: [
          { t: 'charge', amount: 7 },
          { t: 'capture', amount: 7 },
        ],
      },
    ]);
    const [middle] = await middles();
    const ends = (await hops.stored('ends')).filter(({ parent }) => parent === middle?._id);
    expect(ends).toMatchObject([{ state: 'completed', body: { id: 'e-victim' } }]);
  });

  it.each(squats)('%s is shown with its own parts', async (_how, squat) => {
    await squat();
    await send(victims());
    const read = await request(front.url).get('/fronts/victim?expand=middle,end');
    expect(read.body).toMatchObject({
      status: 'completed',
      middle: { id: 'm-victim', status: 'completed', document: { amount: 7 } },
      end: { id: 'e-victim', status: 'completed' },
    });
  });
});

describe('a part under a key of its own', () => {
  const part = { ...createDocument('x').middle, id: 'shared' };
  const hand = (parent: string, body: object = part) =>
    postAsHop(middle.url, body, { parent, part: 'middle' });

  it('is repeated under the same parent, and is a conflict with other content', async () => {
    await hand('one');
    expect((await hand('two')).body).toMatchObject({ id: 'shared', status: 'completed' });
    expect((await hand('two')).headers['idempotent-replayed']).toBe('true');
    expect((await hand('one')).headers['idempotent-replayed']).toBe('true');
    expect((await hand('two', { ...part, amount: 5 })).status).toBe(409);
    const kept = await hops.stored('middles');
    expect(kept.map(({ _id, parent }) => [_id, parent])).toEqual([
      ['shared', 'one'],
      ['shared@two', 'two'],
    ]);
  });

  it('can be read by its key, and by its id with its parent', async () => {
    await hand('one');
    await hand('two');
    const read = async (path: string) => (await request(middle.url).get(path)).body;
    expect(await read('/middles/shared%40two')).toMatchObject({ id: 'shared', key: 'shared@two' });
    expect(await read('/middles/shared?parent=two')).toMatchObject({ id: 'shared', key: 'shared@two' });
    expect((await read('/middles/shared?parent=one')).key).toBeUndefined();
    expect(await read('/middles/shared?parent=three')).toMatchObject({ status: 404 });
    expect(await read('/middles/shared?parent=a/b')).toMatchObject({ status: 422 });
  });

  it('can be named by no client', async () => {
    const answer = await request(middle.url)
      .post('/create')
      .send({ ...part, id: 'shared@two' });
    expect(answer.status).toBe(422);
  });
});
