/** aggregate, count, distinct (https://www.mongodb.com/docs/manual/reference/command/aggregate/). */

import { parsePipeline, runStages } from '../aggregate/pipeline.ts';
import { orderKey } from '../bson/order-key.ts';
import { elementsOf, parsePath, walkPath } from '../bson/path.ts';
import { BSON_TYPE, type RawValue, readFields } from '../bson/raw.ts';
import { toInteger } from '../bson/to-number.ts';
import { buildDocument, documentValue, toBson, toRawValue } from '../bson/write.ts';
import { CommandError } from '../core/errors.ts';
import { arrayOf } from '../expression/expression.ts';
import { findDocuments, type Query } from '../find/find.ts';
import { hintOf } from '../find/hint.ts';
import { parseFilter } from '../query/parse-filter.ts';
import type { Client } from './client.ts';
import { findCollection } from './collections.ts';
import type { Context, Reply } from './context.ts';
import { cursorReply } from './cursor-reply.ts';
import { statsOf } from './namespaces.ts';
import type { Request } from './request.ts';

const EMPTY = documentValue(Buffer.from([5, 0, 0, 0, 0]));

/** `aggregate`: a pipeline over one collection. */
export function aggregate(request: Request, context: Context, client: Client): Reply {
  const { namespace } = request;
  request.refuse('explain', 'let', 'collation');
  const cursor = request.document('cursor');
  if (!cursor)
    throw new CommandError(
      'FailedToParse',
      "The 'cursor' option is required, except for aggregate with the explain argument",
    );
  const size = readFields(cursor.bytes, cursor.start).find(({ name }) => name === 'batchSize');
  const documents = aggregateDocuments(request, context, namespace);
  const batch = context.cursors.start(client, namespace, documents, {
    batchSize: size && toInteger(size),
    time: context.time,
  });
  return cursorReply('firstBatch', namespace, batch);
}

function aggregateDocuments(request: Request, context: Context, namespace: string): Iterator<Buffer, void> {
  const list = pipelineOf(request);
  const info = findCollection(context, namespace);
  const [first] = list.map((stage) =>
    stage.type === BSON_TYPE.object ? readFields(stage.bytes, stage.start)[0] : undefined,
  );
  if (first?.name === '$collStats') {
    const { ns, ...stats } = statsOf(namespace, info);
    const { stages } = parsePipeline([EMPTY_MATCH, ...list.slice(1)], context, request.database);
    const first = toBson({ ns, count: stats.count, storageStats: stats });
    return runStages(stages, [first], context)[Symbol.iterator]();
  }
  const { query, stages } = parsePipeline(list, context, request.database);
  const hint = info && hintOf(request.fields.get('hint'), info);
  const found = info ? bytesOf(findDocuments(context, info, { ...query, hint })) : [];
  return runStages(stages, found, context)[Symbol.iterator]();
}

const EMPTY_MATCH = toRawValue({ $match: {} });

function* bytesOf(documents: Iterable<{ bytes: Buffer }>): Generator<Buffer, void> {
  for (const { bytes } of documents) yield bytes;
}

/** The stages of a command's pipeline. */
export function pipelineOf(request: Request): RawValue[] {
  const pipeline = request.fields.get('pipeline');
  if (pipeline?.type === BSON_TYPE.array) return elementsOf(pipeline);
  throw new CommandError('TypeMismatch', "'pipeline' option must be specified as an array");
}

/** `count`: without a filter from the collection's own count. */
export function count(request: Request, context: Context): Reply {
  const { namespace } = request;
  request.refuse('collation');
  const info = findCollection(context, namespace);
  const filter = parseFilter(request.document('query') ?? EMPTY);
  const skip = request.count('skip') ?? 0;
  const limit = request.count('limit') ?? 0;
  if (!info) return { n: 0, ok: 1 };
  if (filter.kind === 'and' && filter.filters.length === 0) {
    const left = Math.max(0, info.count - skip);
    return { n: limit > 0 ? Math.min(limit, left) : left, ok: 1 };
  }
  const query: Query = { filter, sort: [], skip, limit, hint: hintOf(request.fields.get('hint'), info) };
  let n = 0;
  for (const _ of findDocuments(context, info, query)) n++;
  return { n, ok: 1 };
}

/** `distinct`: the different values of a field; an array counts by its elements. */
export function distinct(request: Request, context: Context): Reply {
  const { namespace } = request;
  request.refuse('collation');
  const key = request.string('key');
  if (!key)
    throw new CommandError('MissingField', "BSON field 'distinct.key' is missing but a required field");
  const filter = parseFilter(request.document('query') ?? EMPTY);
  const info = findCollection(context, namespace);
  const values = new Map<string, RawValue>();
  const held = context.memory.open();
  const take = (value: RawValue) => {
    const text = orderKey(value).toString('latin1');
    if (!values.has(text)) {
      held.add(text.length + value.bytes.length);
      values.set(text, value);
    }
    return false;
  };
  try {
    for (const { bytes } of info
      ? findDocuments(context, info, { filter, sort: [], skip: 0, limit: 0 })
      : []) {
      walkPath(bytes, 0, parsePath(key).parts, (value) => {
        if (value.type === BSON_TYPE.array) for (const element of elementsOf(value)) take(element);
        else if (value.type !== BSON_TYPE.missing) take(value);
        return false;
      });
    }
    const sorted = [...values].sort(([left], [right]) => {
      context.checkTime();
      return left < right ? -1 : 1;
    });
    return buildDocument([
      ['values', arrayOf(sorted.map(([, value]) => value))],
      ['ok', toRawValue(1)],
    ]);
  } finally {
    held.end();
  }
}
