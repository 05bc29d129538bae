/**
 * Finds and creates the target of an update path. Missing objects on the way are created; a scalar on the way is
 * PathNotViable, as in MongoDB.
 */

import { BSON_TYPE, type RawValue } from '../bson/raw.ts';
import { toRawValue } from '../bson/write.ts';
import { CommandError } from '../core/errors.ts';
import { emptyValue, MutableValue } from './mutable.ts';

const MAX_PADDING = 1_500_000;

/** Finds the value at a path; undefined when it, or something on the way, is missing. */
export function findTarget(root: MutableValue, path: readonly string[]): MutableValue | undefined {
  let value: MutableValue | undefined = root;
  for (const name of path) value = value?.child(name);
  return value;
}

/**
 * Puts a value at a path, making objects on the way.
 *
 * @throws {CommandError} PathNotViable when a scalar is in the way.
 */
export function setTarget(root: MutableValue, path: readonly string[], value: RawValue): void {
  let parent = root;
  for (const name of path.slice(0, -1)) {
    let next = parent.child(name);
    if (!next) {
      next = emptyValue(BSON_TYPE.object);
      put(parent, name, next, path);
    }
    parent = next;
  }
  put(parent, path.at(-1) as string, new MutableValue(value), path);
}

/** Removes the value at a path: a field disappears, an array element becomes null. */
export function unsetTarget(root: MutableValue, path: readonly string[]): void {
  const parent = findTarget(root, path.slice(0, -1));
  const name = path.at(-1) as string;
  if (!parent?.child(name)) return;
  if (parent.type === BSON_TYPE.object) parent.fields.delete(name);
  else parent.elements[Number(name)] = new MutableValue(NULL);
}

const NULL = toRawValue(null);

function put(parent: MutableValue, name: string, value: MutableValue, path: readonly string[]): void {
  if (parent.type === BSON_TYPE.object) {
    parent.fields.set(name, value);
    return;
  }
  if (parent.type === BSON_TYPE.array && /^\d+$/.test(name)) {
    const { elements } = parent;
    const index = Number(name);
    if (index - elements.length > MAX_PADDING) {
      throw new CommandError('BadValue', `cannot pad an array by more than ${MAX_PADDING} elements`);
    }
    while (elements.length < index) elements.push(new MutableValue(NULL));
    elements[index] = value;
    return;
  }
  throw new CommandError('PathNotViable', `Cannot create field '${name}' in element at '${path.join('.')}'`);
}
