/** The audit after a run: waits until nothing is pending, then compares what was acknowledged with what is stored. */
import { until } from '@holdfast/shared/core/until.ts';
import type { Acknowledged } from './acknowledged.ts';
import { type AuditReport, audit } from './audit.ts';
import type { Chain } from './documents.ts';

/** Waits at most `withinMs` for what is pending, and audits; what is still pending then is in the report. */
export async function auditWhenFinal(
  chain: Chain,
  acknowledged: readonly Acknowledged[],
  withinMs: number,
): Promise<AuditReport> {
  const auditNow = () => audit(chain, { acknowledged });
  const auditSettled = async () => {
    const report = await auditNow();
    return report.oldestPendingMs === null && report;
  };
  return await until('nothing is pending', auditSettled, { withinMs, everyMs: 250 }).catch(auditNow);
}
