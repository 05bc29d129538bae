/**
 * `npm run audit`: checks that no order was lost or doubled, in the database itself. Its options are in settings.ts.
 *
 * Exit code 0: every promise is kept. 1: a promise is broken or not kept in time, a document is dead, or there are not
 * enough orders to tell. 2: the audit could not read.
 */
import { access } from 'node:fs/promises';
import { readArguments } from '@holdfast/shared/core/command-line.ts';
import { announce, complain } from '@holdfast/shared/observability/log.ts';
import { readAcknowledged } from './acknowledged.ts';
import { audit } from './audit.ts';
import { openOperatorDatabase } from './database.ts';
import { openChain } from './documents.ts';
import { toAuditLines } from './report.ts';
import { type AuditSettings, auditCommand, readAuditSettings } from './settings.ts';

const settings = readArguments(auditCommand, readAuditSettings, { announce, complain });
try {
  process.exitCode = await run(settings);
} catch (error) {
  const why = error instanceof Error ? error.message : String(error);
  complain(`The audit cannot read: ${why.replaceAll('\n', ' ')}`);
  process.exit(2);
}

async function run({ json, acknowledged: file, ...demands }: AuditSettings): Promise<number> {
  if (file !== undefined) await access(file);
  const { db, ids, place, close } = await openOperatorDatabase();
  const acknowledged = file === undefined ? [] : readAcknowledged(file);
  const report = await audit(openChain(db, ids), { acknowledged, ...demands });
  await close();
  announce(json ? JSON.stringify(report) : toAuditLines(report, place).join('\n'));
  return report.kept ? 0 : 1;
}
