/** What `npm run audit` says to a person. */
import type { AuditReport } from './audit.ts';

/** The report as lines: the counts, then what is broken or waits for somebody. */
export function toAuditLines(report: AuditReport): string[] {
  const { oldestPendingMs: oldest } = report;
  const rows: [string, string | number][] = [
    ['accepted', report.accepted],
    ['completed', report.completed],
    ['cancelled', report.cancelled],
    ['pending', report.pending],
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
    ...report.deadIds.map((id) => `dead: ${id} waits for an operator: npm run replay -- ${id.split('/')[1]}`),
    toVerdict(report),
  ];
}

function toVerdict({ kept, accepted }: AuditReport): string {
  if (!kept) return 'A promise is broken.';
  return accepted === 0 ? 'There is no order.' : 'Every promise is kept.';
}
