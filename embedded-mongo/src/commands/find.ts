/** `find` (https://www.mongodb.com/docs/manual/reference/command/find/). */
import { toInteger } from '../bson/to-number.ts';
import { documentValue } from '../bson/write.ts';
import { CommandError } from '../core/errors.ts';
import { findDocuments } from '../find/find.ts';
import { hintOf } from '../find/hint.ts';
import { parseFilter } from '../query/parse-filter.ts';
import { parseProjection, project } from '../query/projection.ts';
import { parseSort } from '../query/sort.ts';
import type { Client } from './client.ts';
import { findCollection } from './collections.ts';
import type { Context, Reply } from './context.ts';
import { cursorReply } from './cursor-reply.ts';
import type { Request } from './request.ts';

const EMPTY = documentValue(Buffer.from([5, 0, 0, 0, 0]));

/** Returns the first batch of a query; a cursor has the rest. */
export function find(request: Request, context: Context, client: Client): Reply {
  const { namespace } = request;
  request.refuse('tailable', 'awaitData', 'returnKey', 'showRecordId', 'min', 'max', 'let', 'collation');
  const filter = parseFilter(request.document('filter') ?? EMPTY);
  const sort = parseSort(request.document('sort') ?? EMPTY);
  const projection = parseProjection(request.document('projection') ?? EMPTY);
  const skip = request.count('skip') ?? 0;
  const { limit, isSingle } = limitOf(request);
  const batchSize = request.count('batchSize');
  const info = findCollection(context, namespace);
  const found = info
    ? findDocuments(context, info, {
        filter,
        sort,
        skip,
        limit,
        hint: hintOf(request.fields.get('hint'), info),
      })
    : [];
  const documents = (function* () {
    for (const { bytes } of found) yield projection ? project(projection, bytes) : bytes;
  })();
  const batch = context.cursors.start(client, namespace, documents, {
    batchSize,
    isSingle,
    time: context.time,
  });
  return cursorReply('firstBatch', namespace, batch);
}

/** A negative limit means that many in one batch. */
function limitOf(request: Request): { limit: number; isSingle: boolean } {
  const field = request.fields.get('limit');
  const limit = field ? toInteger(field) : 0;
  if (limit === undefined || limit < 0)
    throw new CommandError('BadValue', 'limit must be a whole number, not negative');
  return { limit, isSingle: request.flag('singleBatch') };
}
