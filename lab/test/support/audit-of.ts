/** Audits a chain under test once nothing is pending any more. */

import { until } from '../../../shared/src/core/until.ts';
import { type AuditReport, audit } from '../../audit/audit.ts';
import type { TestChain } from '../../chaos/chain.ts';

/**
 * Waits until nothing is pending, and audits.
 * @throws {Error} when something is still pending after `withinMs`.
 */
export async function auditOf(chain: TestChain, withinMs = 20_000): Promise<AuditReport> {
  const { collections, close } = await chain.openCollections();
  try {
    return await until(
      'nothing is pending',
      async () => {
        const report = await audit(collections);
        return report.oldestPendingMs === null && report;
      },
      { withinMs },
    );
  } finally {
    await close();
  }
}
