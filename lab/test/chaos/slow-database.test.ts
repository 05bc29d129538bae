/** A database that carries out everything and acknowledges it later than anybody waits. */
import { type Collection, MongoClient } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { until } from '../../../shared/src/core/until.ts';
import { startChain } from '../../chaos/chain.ts';
import { createChaosOrder } from '../../chaos/orders.ts';
import { sendOrder } from '../../chaos/send-order.ts';
import { runSlowDatabase, tooSlowMs } from '../../chaos/slow-database.ts';
import { auditOf } from '../support/audit-of.ts';

interface Stored {
  readonly _id: string;
  readonly state: string;
  readonly out?: { readonly by: string | null };
}

/** More than any number of attempts after which a document was ever put aside. */
const claims = 10;

describe.concurrent('a database that is too slow', () => {
  it('for 12 s loses, doubles and kills no order', async () => {
    const settings = { seconds: 12, seed: 1, rate: 5, drainMs: 35_000 };
    const { violations, audit, delayed } = await runSlowDatabase(settings);
    process.stderr.write(`${delayed} operations were delayed, ${audit.accepted} orders kept\n`);
    expect(violations).toEqual([]);
    expect(audit).toMatchObject({ kept: true, dead: 0, lost: 0, doubled: 0 });
  }, 90_000);

  it(`for ${claims} claims of one order kills nothing: the service that claimed it is alive`, async ({
    onTestFinished,
  }) => {
    const chain = await startChain({ seed: 40 });
    onTestFinished(() => chain.stop());
    const client = await new MongoClient(chain.mongoUrl).connect();
    onTestFinished(() => client.close());
    const orders = client.db().collection('orders') as unknown as Collection<Stored>;
    const look = async () => (await orders.findOne({ _id: 'slow' })) ?? undefined;
    chain.proxies.payment.setFaults({ 'lose-request': 1 });
    expect((await sendOrder(chain.url, createChaosOrder('slow'))).status).toBe(202);

    chain.databaseLink.slow(tooSlowMs);
    const holders = new Set<string>();
    const seeClaims = async () => {
      const by = (await look())?.out?.by ?? undefined;
      if (by === undefined || holders.has(by)) return false;
      holders.add(by);
      // Its lease is over at once, lest this takes a minute.
      await orders.updateOne({ _id: 'slow', 'out.by': by }, { $set: { 'out.due': new Date() } });
      return holders.size >= claims;
    };
    await until('so many claims are carried out', seeClaims, { withinMs: 45_000, everyMs: 50 });
    expect((await look())?.state).toBe('accepted');

    chain.databaseLink.slow(0);
    chain.proxies.payment.setFaults({});
    const seeEnd = async () => {
      const state = (await look())?.state;
      return state !== 'accepted' && state;
    };
    expect(await until('it ends', seeEnd, { withinMs: 15_000, everyMs: 50 })).toBe('completed');
    expect(await auditOf(chain)).toMatchObject({ kept: true, accepted: 1, dead: 0 });
  }, 90_000);
});
