/**
 * `$lookup` by equality (https://www.mongodb.com/docs/manual/reference/operator/aggregation/lookup/); mongoose uses it.
 */
import { elementsOf, parsePath, walkPath } from '../bson/path.ts';
import { BSON_TYPE, type RawValue, readFields, readString } from '../bson/raw.ts';
import { buildDocument, documentValue } from '../bson/write.ts';
import { CommandError } from '../core/errors.ts';
import { arrayOf, nullIfMissing } from '../expression/expression.ts';
import { findDocuments } from '../find/find.ts';
import { parseFilter } from '../query/parse-filter.ts';
import type { Store } from '../store/documents.ts';
import { MutableValue } from '../update/mutable.ts';
import { setTarget } from '../update/target.ts';
import type { Stage } from './stage.ts';

/**
 * Parses `$lookup`.
 *
 * @throws {CommandError} NotImplemented for the form with a pipeline, FailedToParse when a part is missing.
 */
export function lookupStage(argument: RawValue, store: Store, database: string): Stage {
  const fields = new Map(
    argument.type === BSON_TYPE.object
      ? readFields(argument.bytes, argument.start).map((field) => [field.name, field])
      : [],
  );
  if (fields.has('pipeline') || fields.has('let')) {
    throw new CommandError(
      'NotImplemented',
      '$lookup with a pipeline is not supported by the embedded database',
    );
  }
  const text = (name: string) => {
    const field = fields.get(name);
    if (field?.type === BSON_TYPE.string) return readString(field);
    throw new CommandError('FailedToParse', `$lookup argument '${name}' must be a string`);
  };
  const [from, localField, foreignField, as] = [
    text('from'),
    text('localField'),
    text('foreignField'),
    text('as'),
  ];
  const local = parsePath(localField).parts;
  return function* lookup(documents) {
    for (const document of documents) {
      const values: RawValue[] = [];
      walkPath(document, 0, local, (value) => {
        if (value.type === BSON_TYPE.array) values.push(...elementsOf(value));
        else values.push(nullIfMissing(value));
        return false;
      });
      const root = new MutableValue(documentValue(document));
      setTarget(root, as.split('.'), arrayOf(joined(store, `${database}.${from}`, foreignField, values)));
      const { bytes, start, end } = root.toRaw();
      yield bytes.subarray(start, end) as Buffer;
    }
  };
}

function joined(store: Store, namespace: string, field: string, values: readonly RawValue[]): RawValue[] {
  const info = store.catalog.collections.get(namespace);
  if (!info) return [];
  const condition = documentValue(buildDocument([['$in', arrayOf(values)]]));
  const filter = parseFilter(documentValue(buildDocument([[field, condition]])));
  return [...findDocuments(store, info, { filter, sort: [], skip: 0, limit: 0 })].map(({ bytes }) =>
    documentValue(bytes),
  );
}
