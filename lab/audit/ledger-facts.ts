/** What an audit counted, for a report: the same words as in its own lines. */
import type { Fact } from '../report/report.ts';
import type { AuditReport } from './audit.ts';

/** The facts, most important first. */
export function toLedgerFacts(audit: AuditReport): Fact[] {
  const { accepted, completed, cancelled, pending, dead, lost, doubled } = audit;
  return Object.entries({ accepted, completed, cancelled, pending, dead, lost, doubled }).map(
    ([name, value]) => ({ name, value }),
  );
}
