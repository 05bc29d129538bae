/** Runs one command and turns every result, an internal error included, into a reply. */
import { BSON_TYPE, readFields, readString } from '../bson/raw.ts';
import { toNumber } from '../bson/to-number.ts';
import { toBson } from '../bson/write.ts';
import { CommandError } from '../core/errors.ts';
import { logError } from '../core/log.ts';
import type { Client } from './client.ts';
import type { Context } from './context.ts';
import { refuseUnknownFields } from './known-fields.ts';
import { Request } from './request.ts';
import { requireLogin } from './scram.ts';
import { COMMANDS } from './table.ts';
import { limitTime, type TimeLimit } from './time-limit.ts';

/** Answers a command with the bytes of its reply. */
export async function runCommand(
  body: Buffer,
  sequences: ReadonlyMap<string, readonly Buffer[]>,
  context: Context,
  client: Client,
): Promise<Buffer> {
  let limit: TimeLimit | undefined;
  try {
    const request = new Request(body, sequences);
    const handler = COMMANDS.get(request.name);
    if (!handler) throw new CommandError('CommandNotFound', `no such command: '${request.name}'`);
    requireLogin(request, context, client);
    refuseUnknownFields(request);
    refuseForeignOptions(request);
    refuseConcerns(request);
    limit = limitTime(request.count('maxTimeMS'));
    const reply = await handler(request, { ...context, time: limit, checkTime: limit.check }, client);
    return Buffer.isBuffer(reply) ? reply : toBson(reply);
  } catch (error) {
    return errorReply(error);
  } finally {
    limit?.pause();
  }
}

function errorReply(error: unknown): Buffer {
  if (error instanceof CommandError) {
    return toBson({
      ok: 0,
      errmsg: error.message,
      code: error.code,
      codeName: error.codeName,
      ...error.details,
    });
  }
  logError('a command failed inside the embedded database', error);
  const message = error instanceof Error ? error.message : String(error);
  return toBson({
    ok: 0,
    errmsg: `internal error of the embedded database: ${message}`,
    code: 1,
    codeName: 'InternalError',
  });
}

/** Refuses what needs a replica set or a snapshot; the driver shows the message. */
function refuseForeignOptions(request: Request): void {
  const { fields } = request;
  if (fields.has('startTransaction') || fields.has('autocommit')) {
    // Not IllegalOperation: the driver would replace the message by advice about retryable writes.
    throw new CommandError(
      'OperationNotSupportedInTransaction',
      'transactions need a replica set; the embedded database is a standalone',
    );
  }
  if (fields.has('txnNumber')) {
    throw new CommandError(
      'IllegalOperation',
      'Transaction numbers are only allowed on a replica set member or mongos',
    );
  }
}

/** Refuses what a standalone server cannot guarantee: other write concerns, snapshots, linearizable reads. */
function refuseConcerns(request: Request): void {
  const write = request.document('writeConcern');
  const w = write && readFields(write.bytes, write.start).find(({ name }) => name === 'w');
  if (w && (toNumber(w) ?? 0) > 1) {
    throw new CommandError('BadValue', "cannot use 'w' > 1 when a host is not replicated");
  }
  if (w?.type === BSON_TYPE.string && readString(w) !== 'majority') {
    throw new CommandError('UnknownReplWriteConcern', `No write concern mode named '${readString(w)}' found`);
  }
  const read = request.document('readConcern');
  const level = read && readFields(read.bytes, read.start).find(({ name }) => name === 'level');
  if (level?.type !== BSON_TYPE.string || ['local', 'available', 'majority'].includes(readString(level)))
    return;
  throw new CommandError('NotAReplicaSet', `read concern ${readString(level)} needs a replica set`);
}
