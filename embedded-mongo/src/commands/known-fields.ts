/**
 * The fields each data command may carry. A field outside its list is refused with UnknownField, as in MongoDB:
 * ignoring an option would give a wrong result.
 */
import { CommandError } from '../core/errors.ts';
import type { Request } from './request.ts';

/** Fields any command may carry; those without an effect on a standalone server are ignored. */
const GENERAL = [
  '$db',
  '$clusterTime',
  '$readPreference',
  'apiDeprecationErrors',
  'apiStrict',
  'apiVersion',
  'autocommit',
  'comment',
  'lsid',
  'maxTimeMS',
  'readConcern',
  'startTransaction',
  'txnNumber',
  'writeConcern',
];

const FIELDS: Readonly<Record<string, readonly string[]>> = {
  insert: ['documents', 'ordered', 'bypassDocumentValidation'],
  update: ['updates', 'ordered', 'bypassDocumentValidation', 'let'],
  delete: ['deletes', 'ordered', 'let'],
  find: [
    ...[
      'filter',
      'projection',
      'sort',
      'skip',
      'limit',
      'batchSize',
      'singleBatch',
      'hint',
      'collation',
      'let',
    ],
    ...['allowDiskUse', 'allowPartialResults', 'awaitData', 'max', 'min', 'noCursorTimeout', 'oplogReplay'],
    ...['returnKey', 'showRecordId', 'tailable'],
  ],
  findAndModify: [
    ...['query', 'update', 'remove', 'new', 'upsert', 'sort', 'fields', 'arrayFilters', 'hint'],
    ...['bypassDocumentValidation', 'collation', 'let'],
  ],
  aggregate: [
    ...[
      'pipeline',
      'cursor',
      'hint',
      'explain',
      'allowDiskUse',
      'bypassDocumentValidation',
      'collation',
      'let',
    ],
  ],
  count: ['query', 'skip', 'limit', 'hint', 'collation', 'fields'],
  distinct: ['key', 'query', 'collation'],
  getMore: ['collection', 'batchSize'],
  createIndexes: ['indexes', 'commitQuorum'],
};

const allowed = new Map(
  Object.entries(FIELDS).map(([name, fields]) => [name, new Set([name, ...fields, ...GENERAL])]),
);

/**
 * Refuses a command that carries an unknown field.
 *
 * @throws {CommandError} UnknownField.
 */
export function refuseUnknownFields(request: Request): void {
  const known = allowed.get(request.name);
  if (!known) return;
  for (const name of request.fields.keys()) {
    if (known.has(name)) continue;
    throw new CommandError('UnknownField', `BSON field '${request.name}.${name}' is an unknown field.`);
  }
}
