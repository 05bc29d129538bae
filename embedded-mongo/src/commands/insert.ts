/** `insert` (https://www.mongodb.com/docs/manual/reference/command/insert/). */
import { ObjectId } from 'bson';
import { BSON_TYPE, findField, type RawField, readFields } from '../bson/raw.ts';
import { MAX_DOCUMENT_BYTES } from '../bson/validate.ts';
import { buildDocument, toRawValue } from '../bson/write.ts';
import { CommandError } from '../core/errors.ts';
import { insertDocument } from '../store/documents.ts';
import { openCollection } from './collections.ts';
import type { Context, Reply } from './context.ts';
import type { Request } from './request.ts';
import { checkBatch, runStatements } from './write-result.ts';

/** Inserts documents, each on its own; errors are listed in `writeErrors`. */
export function insert(request: Request, context: Context): Promise<Reply> {
  const { namespace } = request;
  const documents = request.documents('documents');
  const isOrdered = request.flag('ordered', true);
  checkBatch(documents);
  return context.storage.write(() => {
    const info = openCollection(context, namespace);
    let n = 0;
    const errors = runStatements(documents, isOrdered, (document) => {
      context.checkTime();
      insertDocument(context, info, prepareInsert(document));
      n++;
    });
    return errors.length > 0 ? { n, writeErrors: errors, ok: 1 } : { n, ok: 1 };
  });
}

const ID = Buffer.from('_id');

/**
 * Checks a document to be inserted and puts its `_id` first, making one when there is none.
 *
 * @throws {CommandError} InvalidIdField, DollarPrefixedFieldName, BadValue above 16 MiB.
 */
export function prepareInsert(document: Buffer): Buffer {
  if (document.length > MAX_DOCUMENT_BYTES) {
    throw new CommandError(
      'BadValue',
      `object to insert too large. size in bytes: ${document.length}, max size: ${MAX_DOCUMENT_BYTES}`,
    );
  }
  const id = findField(document, 0, ID);
  if (id) checkId(id.type);
  if (id && id.start === 9) {
    if (document.indexOf(0x24) >= 0) refuseDollarNames(readFields(document, 0));
    return document;
  }
  const fields = readFields(document, 0);
  refuseDollarNames(fields);
  const rest = fields.filter((field) => field.name !== '_id').map((field) => [field.name, field] as const);
  return buildDocument([['_id', id ?? toRawValue(new ObjectId())], ...rest]);
}

function checkId(type: number): void {
  if (type === BSON_TYPE.array)
    throw new CommandError('InvalidIdField', "The '_id' value cannot be of type array");
  if (type === BSON_TYPE.regex)
    throw new CommandError('InvalidIdField', "The '_id' value cannot be of type regex");
}

function refuseDollarNames(fields: readonly RawField[]): void {
  const bad = fields.find((field) => field.name.startsWith('$'));
  if (bad) {
    throw new CommandError(
      'DollarPrefixedFieldName',
      `The dollar ($) prefixed field '${bad.name}' in '${bad.name}' is not valid for storage.`,
    );
  }
}
