/** What a service remembers of one document, for whoever asks after it. */
import { MongoClient } from 'mongodb';
import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { until } from '../../src/core/until.ts';
import { useHops } from '../support/hops.ts';
import { createDocument, frontKind } from '../support/kinds.ts';
import { answer, completes, useNeighbour } from '../support/neighbour.ts';

const neighbour = useNeighbour();
const hops = useHops();
const start = (env: Record<string, string> = {}) =>
  hops.start(frontKind, 'front', {
    CHAIN_SVC: neighbour.url,
    NEXT_NAME: 'middle',
    RETRY_BASE_MS: '1',
    ...env,
  });

const stepsOf = async (url: string, id: string) =>
  (await request(url).get(`/fronts/${encodeURIComponent(id)}/steps`)).body.steps;

describe('GET /<plural>/:id/steps', () => {
  it('tells every attempt with its length and result, each wait, and who did it', async () => {
    const hop = await start({ BREAKER_MIN_CALLS: '1000' });
    neighbour.behave(answer(500, { detail: 'broken', type: 'about:blank' }));
    await request(hop.url).post('/create').send(createDocument('late'));
    neighbour.behave(completes);
    const done = async () =>
      (await stepsOf(hop.url, 'late')).find(({ by }: { by: string }) => by === 'relay');
    await until('the relay has completed it', async () => (await done())?.status === 'completed');
    const [handedOn, answered, ...later] = await stepsOf(hop.url, 'late');
    expect(handedOn).toMatchObject({ step: 'handed-on', by: 'request', retryAt: expect.any(Number) });
    expect(handedOn.attempts.length).toBeGreaterThan(1);
    expect(handedOn.attempts[0]).toEqual({
      at: expect.any(Number),
      ms: expect.any(Number),
      url: neighbour.url,
      outcome: 'neighbour-failed',
      httpStatus: 500,
    });
    expect(answered).toMatchObject({ step: 'answered', httpStatus: 202 });
    expect(later.at(-1)).toMatchObject({ by: 'relay', attempts: [{ outcome: 'done' }] });
  });

  it('says of a refusal by the breaker that nothing was sent', async () => {
    const hop = await start({ BREAKER_MIN_CALLS: '1', RETRY_ATTEMPTS: '1', BREAKER_OPEN_MS: '60000' });
    neighbour.behave(answer(500, {}));
    await request(hop.url).post('/create').send(createDocument('first'));
    await request(hop.url).post('/create').send(createDocument('second'));
    const [handedOn] = await stepsOf(hop.url, 'second');
    expect(handedOn).toMatchObject({ next: { outcome: 'breaker-open' }, reason: expect.any(String) });
    expect(handedOn.attempts).toBeUndefined();
  });

  it('is empty for what this process knows nothing of, whatever it is called', async () => {
    const hop = await start();
    for (const id of ['never', '..', 'a/b', 'ü'.repeat(500), '__proto__', "' OR 1=1"])
      expect(await stepsOf(hop.url, id)).toEqual([]);
    expect((await request(hop.url).get('/fronts/%E0%A4%A/steps')).status).toBe(400);
  });

  it('names the instance whose lease ran out; while somebody holds the document, its record says who', async () => {
    const hop = await start({ BREAKER_MIN_CALLS: '1000', RETRY_ATTEMPTS: '1', ATTEMPT_TIMEOUT_MS: '60000' });
    const { instance } = hop.telemetry.identity;
    let finish: () => void = () => undefined;
    neighbour.behave((...given) => {
      finish = () => completes(...given);
    });
    const sent = request(hop.url).post('/create').send(createDocument('taken')).then();
    const read = async () => (await request(hop.url).get('/fronts/taken')).body;
    await until('it is held', async () => (await read()).heldBy === instance);

    const client = new MongoClient(hops.mongoUrl);
    const lease = { 'out.by': 'elsewhere:1/5f2c9a01/7', 'out.due': new Date(0), 'out.ended': 2 };
    await client.db().collection<{ _id: string }>('fronts').updateOne({ _id: 'taken' }, { $set: lease });
    await client.close();
    neighbour.behave(completes);
    await until('the relay has completed it', async () => (await read()).status === 'completed');
    finish();
    await sent;
    const byRelay = (await stepsOf(hop.url, 'taken')).find(({ by }: { by: string }) => by === 'relay');
    expect(byRelay).toMatchObject({ status: 'completed', tookOver: { from: 'elsewhere:1', ended: 2 } });
    expect(await read()).not.toHaveProperty('heldBy');
  });
});
