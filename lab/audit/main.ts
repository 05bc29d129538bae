/**
 * `npm run audit`: checks that no order was lost or doubled, in the database itself.
 *
 * `-- --json` prints the report for a machine; `-- --acknowledged FILE` names orders that somebody was answered 200 or
 * 202 for, one id a line. Exit code 1: a promise is broken. 2: the audit could not read.
 */
import { createReadStream } from 'node:fs';
import { access } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { announce, complain } from '@holdfast/shared/telemetry/log.ts';
import { audit } from './audit.ts';
import { openOperatorDatabase } from './database.ts';
import { openChain } from './documents.ts';
import { toAuditLines } from './report.ts';

try {
  const { values } = parseArgs({ options: { json: { type: 'boolean' }, acknowledged: { type: 'string' } } });
  const file = values.acknowledged;
  if (file !== undefined) await access(file);
  const { db, names, close } = await openOperatorDatabase();
  const report = await audit(openChain(db, names), { acknowledged: file === undefined ? [] : readIds(file) });
  await close();
  announce(values.json ? JSON.stringify(report) : toAuditLines(report).join('\n'));
  process.exitCode = report.kept ? 0 : 1;
} catch (error) {
  complain(`The audit cannot read: ${error instanceof Error ? error.message : error}`);
  process.exit(2);
}

async function* readIds(path: string): AsyncIterable<string> {
  for await (const line of createInterface({ input: createReadStream(path) })) {
    if (line.trim() !== '') yield line.trim();
  }
}
