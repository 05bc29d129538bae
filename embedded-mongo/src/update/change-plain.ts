/**
 * The operators that set, remove or move whole values: $set, $unset, $min, $max, $rename, $currentDate, $setOnInsert.
 */
import { Timestamp } from 'bson';
import { compareValues } from '../bson/order-key.ts';
import { BSON_TYPE, findField, type RawValue, readString } from '../bson/raw.ts';
import { toRawValue } from '../bson/write.ts';
import { CommandError } from '../core/errors.ts';
import type { MutableValue } from './mutable.ts';
import type { UpdateOperator } from './parse-update.ts';
import { findTarget, setTarget, unsetTarget } from './target.ts';

/**
 * Applies one change.
 *
 * @throws {CommandError} PathNotViable when the path leads through a scalar; BadValue for a wrong argument.
 */
export function applyPlainChange(
  root: MutableValue,
  operator: UpdateOperator,
  path: readonly string[],
  argument: RawValue,
  now: number,
): void {
  switch (operator) {
    case '$set':
    case '$setOnInsert':
      setTarget(root, path, argument);
      return;
    case '$unset':
      unsetTarget(root, path);
      return;
    case '$min':
    case '$max': {
      const current = findTarget(root, path);
      const order = current ? compareValues(argument, current.toRaw()) : operator === '$min' ? -1 : 1;
      if (operator === '$min' ? order < 0 : order > 0) setTarget(root, path, argument);
      return;
    }
    case '$rename':
      rename(root, path, readString(argument).split('.'));
      return;
    default:
      setTarget(root, path, currentDate(argument, now));
      return;
  }
}

function rename(root: MutableValue, from: readonly string[], to: readonly string[]): void {
  refuseArrays(root, from, 'source');
  refuseArrays(root, to, 'destination');
  const value = findTarget(root, from);
  if (!value) return;
  const raw = value.toRaw();
  unsetTarget(root, from);
  unsetTarget(root, to);
  setTarget(root, to, raw);
}

function refuseArrays(root: MutableValue, path: readonly string[], side: string): void {
  for (let at = 1; at < path.length; at++) {
    if (findTarget(root, path.slice(0, at))?.type === BSON_TYPE.array) {
      throw new CommandError('BadValue', `The ${side} field cannot be an array element, '${path.join('.')}'`);
    }
  }
}

function currentDate(argument: RawValue, now: number): RawValue {
  if (argument.type === BSON_TYPE.bool) return toRawValue(new Date(now));
  const type =
    argument.type === BSON_TYPE.object
      ? findField(argument.bytes, argument.start, Buffer.from('$type'))
      : undefined;
  const name = type?.type === BSON_TYPE.string ? readString(type) : '';
  if (name === 'date') return toRawValue(new Date(now));
  if (name === 'timestamp') return toRawValue(new Timestamp({ t: Math.floor(now / 1000), i: 1 }));
  throw new CommandError('BadValue', "The '$type' string field is required to be 'date' or 'timestamp'");
}
