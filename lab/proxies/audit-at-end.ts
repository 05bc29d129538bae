/** The audit after a run: waits until nothing is pending, then counts what was promised against what is kept. */

import { until } from '@holdfast/shared/core/until.ts';
import { MongoClient } from 'mongodb';
import type { Acknowledged } from '../audit/acknowledged.ts';
import { type AuditReport, audit } from '../audit/audit.ts';
import { openDb } from '../audit/database.ts';
import { openChain } from '../audit/documents.ts';

/** Waits at most `withinMs` for what is pending, and audits; what is still pending then is in the report. */
export async function auditAtEnd(
  mongoUrl: string,
  acknowledged: Iterable<Acknowledged>,
  withinMs: number,
): Promise<AuditReport> {
  const client = new MongoClient(mongoUrl, { serverSelectionTimeoutMS: 3000, connectTimeoutMS: 3000 });
  await client.connect();
  try {
    const chain = openChain(openDb(client, mongoUrl));
    const told = [...acknowledged];
    const look = () => audit(chain, { acknowledged: told });
    const done = async () => {
      const report = await look();
      return report.pending === 0 && report;
    };
    return await until('nothing is pending', done, { withinMs, everyMs: 250 }).catch(look);
  } finally {
    await client.close();
  }
}
