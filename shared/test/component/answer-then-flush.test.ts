/** Answer, then flush: a completion is answered before it is stored here, because the next hop keeps what it is made of. */
import request from 'supertest';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type HeldDatabase, openHeldDatabase } from '../support/held-database.ts';
import { useHops } from '../support/hops.ts';
import { createDocument, frontKind } from '../support/kinds.ts';
import { answer, completes, type Manner, useNeighbour } from '../support/neighbour.ts';
import { ample } from '../support/time-limits.ts';

let database: HeldDatabase;
afterEach(() => database.stop()); // hooks that are named later run before
const neighbour = useNeighbour();
const hops = useHops();

beforeEach(async () => {
  database = await openHeldDatabase(hops.mongoUrl);
});
afterEach(() => database.release());

const settings = { NEXT_NAME: 'middle', RETRY_ATTEMPTS: '1', INSTANCE: 'box' };
/** Starts a hop behind the way to the database, or beside it. */
const start = ({ operationMs = ample.operationMs, direct = false } = {}) =>
  hops.start(
    frontKind,
    'front',
    { CHAIN_SVC: neighbour.url, ...settings, ...(direct ? {} : { MONGO_URL: database.url }) },
    { timeLimits: { ...ample, operationMs } },
  );
const post = (url: string, id: string) => request(url).post('/create').send(createDocument(id));
const stateOf = async (id: string) => (await hops.stored('fronts')).find(({ _id }) => _id === id);

const doneAt = '2026-11-21T12:34:56.789Z';
const done = (id: string, message = 'This is neighbour @34:56 -> Last') => ({
  id,
  status: 'completed',
  message,
  doneAt,
  hops: [{ service: 'neighbour', status: 'completed', ms: 1 }],
});
/** Completes as a hop of this version does: it says when. */
const completesThen: Manner = (received, ...rest) => answer(200, done(received.body.id))(received, ...rest);
/** From now on every update of a document stays on its way. */
const thenHold =
  (manner: Manner): Manner =>
  (...call) => {
    database.hold('update');
    manner(...call);
  };

describe('a completion', () => {
  it('is answered 200 while its final write still hangs, and is stored as it was answered', async () => {
    const hop = await start();
    neighbour.behave(thenHold(completesThen));
    const answered = await post(hop.url, 'first');
    expect(answered.status).toBe(200);
    expect(await stateOf('first')).toMatchObject({ state: 'accepted', result: null });
    database.release();
    await expect
      .poll(() => stateOf('first'))
      .toMatchObject({
        state: 'completed',
        result: { status: 200, body: answered.body },
        doneAt: new Date(answered.body.doneAt),
      });
    expect(await stateOf('first')).not.toHaveProperty('out');
  });

  it('reads as completed here meanwhile, and is replayed, counted and not sent again', async () => {
    const hop = await start();
    neighbour.behave(thenHold(completesThen));
    const answered = await post(hop.url, 'read');
    const read = await request(hop.url).get('/fronts/read');
    expect(read.body).toMatchObject({
      status: 'completed',
      message: answered.body.message,
      doneAt: answered.body.doneAt,
    });
    expect(read.body).not.toHaveProperty('nextTryAt');
    const again = await post(hop.url, 'read');
    expect([again.status, again.text, again.headers['idempotent-replayed']]).toEqual([
      200,
      answered.text,
      'true',
    ]);
    expect(await stateOf('read')).toMatchObject({ state: 'accepted', dups: 1 });
    expect(neighbour.received).toHaveLength(1);
  });

  it('waits for its final write once one could not be stored, until all are', async () => {
    const hop = await start({ operationMs: 400 });
    neighbour.behave(thenHold(completesThen));
    expect((await post(hop.url, 'lost')).status).toBe(200);
    // Whether the first write has failed by now decides who is the first to wait for it.
    let tries = 0;
    await expect.poll(async () => (await post(hop.url, `waits-${++tries}`)).status).toBe(503);
    database.release();
    await expect.poll(async () => (await stateOf('lost'))?.state).toBe('completed');
    neighbour.behave(completesThen);
    await expect.poll(async () => (await post(hop.url, 'lost')).status).toBe(200);
  });

  it('waits for its final write when a hop of an older version completes it', async () => {
    const hop = await start({ operationMs: 400 });
    neighbour.behave(thenHold(completes));
    expect((await post(hop.url, 'older')).status).toBe(503);
  });
});

it('a refusal is stored before it is answered', async () => {
  const hop = await start({ operationMs: 400 });
  neighbour.behave(
    thenHold(answer(422, { type: '/problems/refused', detail: 'No.', final: true, errors: [] })),
  );
  expect((await post(hop.url, 'refused')).status).toBe(503);
});

describe('a process that ends between answer and final write', () => {
  it('leaves it to the next one, which asks again and stores the same text', async () => {
    const killed = await start();
    neighbour.behave(thenHold(completesThen));
    const answered = await post(killed.url, 'crash');
    neighbour.behave(completesThen);
    await start({ direct: true });
    await expect
      .poll(() => stateOf('crash'))
      .toMatchObject({
        state: 'completed',
        result: { status: 200, body: answered.body },
      });
    expect(neighbour.received.length).toBeGreaterThan(1);
    // The final write that was held comes late and changes nothing.
    database.release();
    await killed.stop();
    expect((await stateOf('crash'))?.result).toEqual({ status: 200, body: answered.body });
    expect(hops.logged.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('alarms when the next hop does not stand by its answer', async () => {
    const hop = await start();
    neighbour.behave(thenHold(completesThen));
    expect((await post(hop.url, 'fickle')).status).toBe(200);
    neighbour.behave((received, ...rest) => answer(200, done(received.body.id, 'Other'))(received, ...rest));
    await start({ direct: true });
    await expect.poll(async () => (await stateOf('fickle'))?.state).toBe('completed');
    database.release();
    const alarm = '"fickle" was answered as completed, but it is completed with another answer';
    await expect
      .poll(() => hops.logged)
      .toContainEqual(expect.objectContaining({ level: 'error', event: 'relay-contradiction', msg: alarm }));
  });
});

it('a service that stops stores first what it has answered', async () => {
  const hop = await start({ operationMs: 1000 });
  neighbour.behave(thenHold(completesThen));
  expect((await post(hop.url, 'leaving')).status).toBe(200);
  const stopped = hop.stop();
  database.release();
  await stopped;
  expect(await stateOf('leaving')).toMatchObject({ state: 'completed' });
});
