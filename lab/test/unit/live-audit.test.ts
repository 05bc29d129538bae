/** The audit that goes on, over documents in memory: what is broken is told once and stays in the report. */
import { expect, it } from 'vitest';
import { chain } from '../../../chain.ts';
import type { AuditedCollection, AuditedDocument, Chain } from '../../audit/documents.ts';
import type { Finding } from '../../audit/judge.ts';
import { startLiveAudit } from '../../audit/live-audit.ts';

/** Documents that never change: an order that is pending for ever, and a younger one whose payment is gone. */
const begunAt = 1_000_000;
const order = (id: string, at: number, changes: Partial<AuditedDocument>): AuditedDocument => ({
  ...{ _id: id, parent: null, at: new Date(at), child: `${id}-payment`, amount: undefined, childAmount: 1 },
  ...{ err: undefined, ledger: [], state: 'completed', answered: 200 },
  ...changes,
});
const orders = [
  order('old', begunAt - 60_000, { state: 'accepted', answered: null }),
  order('broken', begunAt - 30_000, {}),
];

function aCollection(index: number, documents: readonly AuditedDocument[]): AuditedCollection {
  const [service] = chain.slice(index);
  if (service === undefined) throw new Error('no such service');
  return {
    name: service.plural,
    link: { service, before: chain[index - 1], next: chain[index + 1] },
    async *batches(from = new Date(0)) {
      yield documents.filter(({ at }) => at >= from);
    },
    oldestUnfinished: async () => documents.find(({ state }) => state === 'accepted')?.at,
    find: async (ids) =>
      new Map(documents.filter(({ _id }) => ids.includes(_id)).map((one) => [one._id, one])),
  };
}

it('a finding that is not settled is told once, and stays while everything is judged again', async () => {
  const documents: Chain = [aCollection(0, orders), aCollection(1, []), aCollection(2, [])];
  const told: Finding[] = [];
  const reported: (readonly string[])[] = [];
  const wholes = new Set<number>();
  let now = begunAt;
  await new Promise<void>((resolve) => {
    const audit = startLiveAudit({
      chain: documents,
      acknowledged: () => [],
      clock: () => now,
      async sleep(ms) {
        now += ms;
        // The pass over everything ends while the loop rests.
        for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
        const { findings, wholeAt } = audit.report() ?? { findings: [], wholeAt: 0 };
        reported.push(findings.map(({ what }) => what));
        wholes.add(wholeAt);
        if (wholes.size < 4) return;
        void audit.stop().then(resolve);
      },
      onFinding: (finding) => told.push(finding),
    });
  });
  const what = 'The completed order "broken" has no payment "broken-payment".';
  expect(new Set(reported.flat())).toEqual(new Set([what]));
  expect(reported.map(({ length }) => length)).toEqual(reported.map(() => 1));
  expect(told.map((one) => one.what)).toEqual([what]);
});
