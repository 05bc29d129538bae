/**
 * `npm run audit`: checks that no order was lost or doubled, in the database itself. Its flags are in settings.ts.
 *
 * Exit code 0: every promise is kept. 1: a promise is broken or not kept in time, a document is dead, or there are not
 * enough orders to tell. 2: the audit could not read.
 */
import { access } from 'node:fs/promises';
import { announce, complain } from '@holdfast/shared/observability/log.ts';
import { readAcknowledged } from './acknowledged.ts';
import { audit } from './audit.ts';
import { openOperatorDatabase } from './database.ts';
import { openChain } from './documents.ts';
import { toAuditLines } from './report.ts';
import { readAuditSettings, usage } from './settings.ts';

try {
  const settings = readAuditSettings(process.argv.slice(2));
  if (settings === undefined) announce(usage);
  else process.exitCode = await run(settings);
} catch (error) {
  const why = error instanceof Error ? error.message : String(error);
  complain(`The audit cannot read: ${why.replaceAll('\n', ' ')}`);
  process.exit(2);
}

async function run({
  json,
  acknowledged: file,
  ...demands
}: NonNullable<ReturnType<typeof readAuditSettings>>): Promise<number> {
  if (file !== undefined) await access(file);
  const { db, ids, place, close } = await openOperatorDatabase();
  const acknowledged = file === undefined ? [] : readAcknowledged(file);
  const report = await audit(openChain(db, ids), { acknowledged, ...demands });
  await close();
  announce(json ? JSON.stringify(report) : toAuditLines(report, place).join('\n'));
  return report.kept ? 0 : 1;
}
