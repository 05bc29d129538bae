/** The report of an audit as text: for a person, and as violations of a run. */
import type { AuditReport } from './audit.ts';

/** The report as lines: the counts, the findings, the dead documents. `place` names the database. */
export function toAuditLines(report: AuditReport, place: string): string[] {
  const { oldestPendingMs: oldest } = report;
  const rows: [string, string | number][] = [
    ['accepted', report.accepted],
    ['completed', report.completed],
    ['cancelled', report.cancelled],
    ['pending', report.pending],
    ['overdue', report.overdue],
    ['dead', report.dead],
    ['lost', report.lost],
    ['doubled', report.doubled],
    ['disagreement', report.disagreement],
    ['charged-not-shipped', report.chargedNotShipped],
    ['oldest pending', oldest === null ? 'none' : `${(oldest / 1000).toFixed(1)} s`],
  ];
  return [
    ...rows.map(([name, value]) => `${name.padEnd(20)} ${value}`),
    '',
    ...report.findings.map(({ kind, what }) => `${kind}: ${what}`),
    ...report.deadIds.map((id) => `${id} waits for an operator: npm run replay -- ${id.split('/')[1]}`),
    toVerdict(report, place),
  ];
}

/** Why not every promise is kept, each in a sentence; empty when all are. */
export function toBrokenPromises(report: AuditReport, place: string): string[] {
  const findings = report.findings.map(({ what }) => what);
  return isEnough(report) ? findings : [...findings, toVerdict({ ...report, findings: [] }, place)];
}

function toVerdict(report: AuditReport, place: string): string {
  const { findings, accepted, atLeast, overdue, dead } = report;
  if (findings.some(({ kind }) => kind !== 'dead' && kind !== 'overdue')) return 'A promise is broken.';
  if (findings.length > 0)
    return `Not every promise is kept yet: ${toCount(dead, 'dead')}, ${toCount(overdue, 'pending for too long')}.`;
  if (isEnough(report)) return accepted === 0 ? 'There is no order.' : 'Every promise is kept.';
  const there = accepted === 0 ? 'There is no order' : `There are only ${accepted} of ${atLeast} orders`;
  return `${there} in ${place}: is this the right one?`;
}

function isEnough({ accepted, atLeast }: AuditReport): boolean {
  return accepted >= atLeast;
}

function toCount(count: number, what: string): string {
  return `${count} ${count === 1 ? 'document is' : 'documents are'} ${what}`;
}
