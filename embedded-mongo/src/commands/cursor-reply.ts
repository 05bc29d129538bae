/** The reply of find, aggregate and getMore: a cursor document around raw documents. */
import { Long } from 'bson';
import { BSON_TYPE, type RawValue } from '../bson/raw.ts';
import { buildArray, buildDocument, documentValue, toRawValue } from '../bson/write.ts';
import type { Batch } from './cursors.ts';

/** Builds `{cursor: {firstBatch | nextBatch, id, ns}, ok: 1}`. */
export function cursorReply(name: 'firstBatch' | 'nextBatch', namespace: string, batch: Batch): Buffer {
  const array = buildArray(batch.documents);
  const documents: RawValue = { type: BSON_TYPE.array, bytes: array, start: 0, end: array.length };
  const cursor = buildDocument([
    [name, documents],
    ['id', batch.cursor ? toRawValue(Long.fromBigInt(batch.cursor.id)) : ZERO],
    ['ns', toRawValue(namespace)],
  ]);
  return buildDocument([
    ['cursor', documentValue(cursor)],
    ['ok', OK],
  ]);
}

const ZERO = toRawValue(Long.ZERO);
const OK = toRawValue(1);
