/**
 * Applies a parsed update to the bytes of a document and gives the bytes of the new one.
 * `_id` never changes; positional paths (`$`, `$[]`, `$[name]`) are turned into real ones first.
 */
import { compareValues } from '../bson/order-key.ts';
import { BSON_TYPE, findField, type RawValue } from '../bson/raw.ts';
import { MAX_DOCUMENT_BYTES } from '../bson/validate.ts';
import { buildDocument, documentValue } from '../bson/write.ts';
import { CommandError } from '../core/errors.ts';
import { applyArrayChange } from './change-array.ts';
import { applyNumberChange } from './change-number.ts';
import { applyPlainChange } from './change-plain.ts';
import { MutableValue } from './mutable.ts';
import { type Change, MARK_RENAME_TARGET, type Update } from './parse-update.ts';
import { type ArrayPositions, expandPath } from './positional.ts';

/** The context of an update. */
export interface UpdateContext extends ArrayPositions {
  /** True when an upsert makes a new document: only then `$setOnInsert` applies. */
  readonly isInsert: boolean;
  /** Milliseconds since 1970, for `$currentDate`. */
  readonly now: number;
}

const ID = Buffer.from('_id');

/**
 * Gives the new bytes of a document.
 *
 * @throws {CommandError} ImmutableField when `_id` would change, PathNotViable and TypeMismatch when an operator does
 * not fit the value, BSONObjectTooLarge above 16 MiB.
 */
export function applyUpdate(document: Buffer, update: Update, context: UpdateContext): Buffer {
  const id = findField(document, 0, ID);
  const updated =
    update.kind === 'replacement' ? replace(update.document, id) : change(document, update.changes, context);
  const newId = findField(updated, 0, ID);
  if (id && (!newId || newId.type !== id.type || compareValues(id, newId) !== 0)) {
    throw new CommandError(
      'ImmutableField',
      "Performing an update on the path '_id' would modify the immutable field '_id'",
    );
  }
  if (updated.length > MAX_DOCUMENT_BYTES) {
    throw new CommandError(
      'BSONObjectTooLarge',
      `Resulting document after update is larger than ${MAX_DOCUMENT_BYTES}`,
    );
  }
  return updated;
}

function change(document: Buffer, changes: readonly Change[], context: UpdateContext): Buffer {
  const root = new MutableValue(documentValue(document));
  for (const { operator, path, argument } of changes) {
    if (operator === '$setOnInsert' && !context.isInsert) continue;
    if (argument === MARK_RENAME_TARGET) continue;
    for (const target of expandPath(root, path, context)) {
      if (operator === '$inc' || operator === '$mul') applyNumberChange(root, operator, target, argument);
      else if (isArrayOperator(operator)) applyArrayChange(root, operator, target, argument);
      else applyPlainChange(root, operator, target, argument, context.now);
    }
  }
  return root.toRaw().bytes.subarray(0, root.toRaw().end) as Buffer;
}

function isArrayOperator(
  operator: string,
): operator is '$push' | '$addToSet' | '$pull' | '$pullAll' | '$pop' {
  return ['$push', '$addToSet', '$pull', '$pullAll', '$pop'].includes(operator);
}

/** A replacement keeps the `_id`, in first place. */
function replace(replacement: RawValue, id: RawValue | undefined): Buffer {
  const bytes = replacement.bytes.subarray(replacement.start, replacement.end) as Buffer;
  const given = findField(bytes, 0, ID);
  if (given && bytes[4] === given.type && given.start === 9) return bytes;
  const root = new MutableValue(documentValue(bytes));
  const rest = [...root.fields]
    .filter(([name]) => name !== '_id')
    .map(([name, value]) => [name, value.toRaw()] as const);
  const first = given ?? id;
  if (first && first.type === BSON_TYPE.array)
    throw new CommandError('InvalidIdField', "The '_id' value cannot be of type array");
  return buildDocument(first ? [['_id', first], ...rest] : rest);
}
