/** The sentences of the ledger: what was not audited is never called 0. */
import { describe, expect, it } from 'vitest';
import { toAuditWords, toLedgerSentence, toLedgerTrouble } from '../../../dashboard/model/ledger.ts';
import { aLedger, t0 } from './samples.ts';

const unaudited = {
  ...{ lost: null, doubled: null, disagreement: null, chargedNotShipped: null, auditedAt: null },
  notAudited: 'not audited: npm run audit',
};

describe('the ledger', () => {
  it('says for whoever cannot see it what it adds up to and when it was audited', () => {
    expect(toLedgerSentence(aLedger(), t0)).toBe(
      '42 orders accepted: 40 completed, 2 cancelled, 0 pending. 0 lost, 0 doubled; audited 2 s ago.',
    );
  });

  it('claims nothing that was not audited', () => {
    expect(toLedgerSentence(aLedger(unaudited), t0)).toContain(
      'Whether any is lost or doubled is not known; not audited: npm run audit.',
    );
    expect(toLedgerTrouble(aLedger(unaudited))).toBeUndefined();
    expect([toLedgerSentence(undefined, t0), toAuditWords(undefined, t0)]).toEqual([
      'How many orders there are is not known.',
      'no data',
    ]);
  });

  it('names every broken promise, and a dead order', () => {
    expect(toLedgerTrouble(aLedger({ lost: 1, doubled: 2, disagreement: 3 }))).toBe(
      'A promise is broken: 1 lost, 2 doubled, 3 in disagreement.',
    );
    expect(toLedgerSentence(aLedger({ dead: 1 }), t0)).toContain('0 pending, 1 put aside.');
  });

  it('says how old the last audit is when the audit fails', () => {
    const failing = aLedger({ notAudited: 'the audit cannot read: no answer' });
    expect(toAuditWords(failing, t0)).toBe('audited 2 s ago; the audit cannot read: no answer');
  });
});
