/** The audit of a chain by the URL of its database, once nothing is pending. */
import { MongoClient } from 'mongodb';
import type { Acknowledged } from '../audit/acknowledged.ts';
import type { AuditReport } from '../audit/audit.ts';
import { auditWhenFinal } from '../audit/audit-when-final.ts';
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
    return await auditWhenFinal(openChain(openDb(client, mongoUrl)), [...acknowledged], withinMs);
  } finally {
    await client.close();
  }
}
