/** A document without a part ends where it is, though there is a next hop: a new last hop breaks no old sender. */
import request from 'supertest';
import { beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import type { RunningHop } from '../../src/app/run-hop.ts';
import { type Body, id, type Resource } from '../../src/core/resource.ts';
import { useHops } from '../support/hops.ts';

interface Letter extends Body {
  readonly stamp?: Body | undefined;
}

const stamp: Resource = {
  singular: 'stamp',
  plural: 'stamps',
  schema: z.looseObject({ id }),
  example: { id: 't-1' },
  child: { pointer: '', of: (body) => body },
  refusedState: 'cancelled',
};
const letter: Resource<Letter> = {
  singular: 'letter',
  plural: 'letters',
  schema: z.looseObject({ id, stamp: stamp.schema.optional() }),
  example: { id: 'l-1', stamp: stamp.example },
  child: { pointer: '/stamp', of: (body) => body.stamp, kind: stamp },
  refusedState: 'cancelled',
};

const hops = useHops('file');
let front: RunningHop;

beforeAll(async () => {
  const end = await hops.start(stamp, 'stamp');
  front = await hops.start(letter, 'letter', { CHAIN_SVC: `${end.url}/create`, NEXT_NAME: 'stamp' });
});

it('is completed at once and shows null for the part that it has not', async () => {
  const answer = await request(front.url).post('/create').send({ id: 'bare' });
  expect([answer.status, answer.body]).toMatchObject([
    200,
    { status: 'completed', message: expect.stringMatching(/-> Last$/), hops: [{ service: 'letter' }] },
  ]);
  expect(await hops.stored('stamps')).toEqual([]);
  const read = await request(front.url).get('/letters/bare?expand=stamp');
  expect(read.body).toMatchObject({ id: 'bare', status: 'completed', stamp: null });
});

it('goes on where it has one', async () => {
  const answer = await request(front.url)
    .post('/create')
    .send({ id: 'whole', stamp: { id: 't' } });
  expect([answer.status, answer.body.hops]).toMatchObject([
    200,
    [{ service: 'letter' }, { service: 'stamp' }],
  ]);
  const read = await request(front.url).get('/letters/whole?expand=stamp');
  expect(read.body.stamp).toMatchObject({ id: 't', status: 'completed' });
});
