/** The ledger on the page, `npm run audit` and `/metrics` say the same, through an outage and through damage by hand. */
import { until } from '@holdfast/shared/core/until.ts';
import { parseExposition } from '@holdfast/shared/observability/exposition.ts';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { audit } from '../lab/audit/audit.ts';
import { openChain } from '../lab/audit/documents.ts';
import type { LabStatus } from '../lab/server/wire.ts';
import { type Chain, startChain } from './chain.ts';
import { ask, create, createOrder } from './requests.ts';

describe('the ledger of the lab', () => {
  let chain: Chain;
  let client: MongoClient;
  beforeAll(async () => {
    chain = await startChain({ LAB: '1', BREAKER_OPEN_MS: '500', BREAKER_OPEN_MAX_MS: '500' });
    client = new MongoClient(chain.mongoUrl);
  });
  afterAll(async () => {
    await client?.close();
    await chain?.stop();
  });

  const askLab = (method: string, path: string, body?: object) =>
    ask(`${chain.url('lab')}${path}`, {
      method,
      headers: { 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const ledger = async () => ((await askLab('GET', '/api/status')).body as unknown as LabStatus).ledger;
  const documents = (name: string) =>
    client.db('holdfast').collection<{ _id: string; parent?: string }>(name);

  /** What the three say, once they say the same. */
  const agreement = (expected: object) =>
    until(
      `all say ${JSON.stringify(expected)}`,
      async () => {
        const { accepted, completed, cancelled, pending, dead, lost, doubled } = await ledger();
        const report = await audit(openChain(client.db('holdfast')));
        const { value } = parseExposition(
          await fetch(`${chain.url('order')}/metrics`).then((answer) => answer.text()),
        );
        const of = (state: string) => value('documents_kept', { state });
        const said = JSON.stringify({ accepted, completed, cancelled, pending, dead, lost, doubled });
        const audited = JSON.stringify({
          accepted: report.accepted,
          completed: report.completed,
          cancelled: report.cancelled,
          pending: report.pending,
          dead: report.dead,
          lost: report.lost,
          doubled: report.doubled,
        });
        const counted = JSON.stringify([of('completed'), of('cancelled'), of('pending'), of('dead')]);
        const all = { accepted, completed, cancelled, pending, dead, lost, doubled };
        return (
          said === audited &&
          counted === JSON.stringify([completed, cancelled, pending, dead]) &&
          Object.entries(expected).every(([name, count]) => all[name as keyof typeof all] === count)
        );
      },
      { withinMs: 30_000, everyMs: 200 },
    ).catch(async (error: unknown) => {
      throw new Error(JSON.stringify(await ledger()), { cause: error });
    });

  it('agrees with the audit and the metrics, and falls to nothing pending after an outage', async () => {
    for (let sent = 0; sent < 5; sent += 1)
      expect((await askLab('POST', '/api/orders', {})).status).toBe(200);
    const nowhere = createOrder();
    nowhere.payment.shipment.directions = 'nowhere';
    await create(chain.url('order'), nowhere);
    await agreement({ accepted: 6, pending: 0, lost: 0, doubled: 0, dead: 0 });

    await askLab('PUT', '/api/services/shipment/faults/down', { type: 'error' });
    for (let sent = 0; sent < 4; sent += 1) await askLab('POST', '/api/orders', {});
    await agreement({ accepted: 10, pending: 4, lost: 0 });
    await askLab('DELETE', '/api/services/shipment/faults');
    await agreement({ accepted: 10, pending: 0, dead: 0, lost: 0, doubled: 0 });
    expect(await ledger()).toMatchObject({ notAudited: null, findings: [], disagreement: 0 });
  });

  it('shows a dead order, a document that is gone, and a second part', async () => {
    await askLab('PUT', '/api/services/shipment/faults/down', { type: 'error' });
    await create(chain.url('order')); // not one that a customer of the lab was told about
    await documents('orders').updateOne(
      { state: 'accepted' },
      { $set: { state: 'dead', 'out.due': null, 'out.by': null } },
    );
    await agreement({ accepted: 11, dead: 1 });
    // A final answer would win over the hand that put it aside.
    await documents('orders').deleteOne({ state: 'dead' });
    await documents('payments').deleteMany({ state: 'accepted' });
    await askLab('DELETE', '/api/services/shipment/faults');

    const [gone] = await documents('shipments').find({ state: 'completed' }).limit(1).toArray();
    await documents('shipments').deleteOne({ _id: gone?._id ?? '' });
    const payment = await documents('payments').findOne({
      state: 'completed',
      parent: { $ne: gone?.parent ?? '' },
    });
    await documents('payments').insertOne({ ...payment, _id: 'second-payment' });
    await until(
      'the ledger says so',
      async () => {
        const { lost, doubled, chargedNotShipped } = await ledger();
        return doubled === 1 && (lost ?? 0) + (chargedNotShipped ?? 0) >= 1;
      },
      { withinMs: 40_000 },
    );
    const report = await audit(openChain(client.db('holdfast')));
    expect(await ledger()).toMatchObject({
      lost: report.lost,
      doubled: report.doubled,
      chargedNotShipped: report.chargedNotShipped,
      disagreement: report.disagreement,
    });
    const { history } = JSON.parse(await firstMessage(`${chain.url('lab')}/events`)) as {
      history: { event: string; line: string }[];
    };
    expect(
      history
        .filter(({ event }) => event === 'lab')
        .map(({ line }) => line)
        .join('\n'),
    ).toContain('audit: ');
  });
});

async function firstMessage(url: string): Promise<string> {
  const response = await fetch(url);
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk).toString();
    const found = /data: (.*)\n\n/.exec(text)?.[1];
    if (found !== undefined) return found;
  }
  throw new Error('no message');
}
