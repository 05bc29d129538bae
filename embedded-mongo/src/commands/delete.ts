/** `delete` (https://www.mongodb.com/docs/manual/reference/command/delete/). */
import { BSON_TYPE, readFields } from '../bson/raw.ts';
import { toNumber } from '../bson/to-number.ts';
import { CommandError } from '../core/errors.ts';
import { findDocuments } from '../find/find.ts';
import { hintOf } from '../find/hint.ts';
import { parseFilter } from '../query/parse-filter.ts';
import { removeDocument } from '../store/documents.ts';
import { findCollection } from './collections.ts';
import type { Context, Reply } from './context.ts';
import type { Request } from './request.ts';
import { checkBatch, runStatements } from './write-result.ts';

/** Runs delete statements in order; errors are listed in `writeErrors`. */
export function deleteDocuments(request: Request, context: Context): Promise<Reply> {
  const { namespace } = request;
  const statements = request.documents('deletes');
  const isOrdered = request.flag('ordered', true);
  request.refuse('let');
  checkBatch(statements);
  return context.storage.write(() => {
    let n = 0;
    const errors = runStatements(statements, isOrdered, (statement) => {
      context.checkTime();
      n += runStatement(context, namespace, statement);
    });
    return errors.length > 0 ? { n, writeErrors: errors, ok: 1 } : { n, ok: 1 };
  });
}

function runStatement(context: Context, namespace: string, bytes: Buffer): number {
  const fields = new Map(readFields(bytes, 0).map((field) => [field.name, field]));
  const [query, limitField] = [fields.get('q'), fields.get('limit')];
  const limit = limitField && toNumber(limitField);
  if (query?.type !== BSON_TYPE.object)
    throw new CommandError('FailedToParse', "a delete statement needs 'q'");
  if (limit !== 0 && limit !== 1) {
    throw new CommandError(
      'FailedToParse',
      `The limit field in delete objects must be 0 or 1. Got ${String(limit)}`,
    );
  }
  const collation = fields.get('collation');
  if (collation && collation.end - collation.start > 5) {
    throw new CommandError('NotImplemented', 'collation is not supported by the embedded database');
  }
  const filter = parseFilter(query);
  const info = findCollection(context, namespace);
  if (!info) return 0;
  const hint = hintOf(fields.get('hint'), info);
  const documents = [...findDocuments(context, info, { filter, sort: [], skip: 0, limit, hint })];
  for (const document of documents) removeDocument(context, info, document);
  return documents.length;
}
