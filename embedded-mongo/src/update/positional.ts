/**
 * Turns the positional parts of an update path into array positions:
 * `$` (the element the query matched), `$[]` (all), `$[name]` (those that an array filter matches).
 * See https://www.mongodb.com/docs/manual/reference/operator/update/positional/.
 */
import { BSON_TYPE } from '../bson/raw.ts';
import { buildDocument } from '../bson/write.ts';
import { CommandError } from '../core/errors.ts';
import { matches } from '../query/match.ts';
import type { Filter } from '../query/predicate.ts';
import type { MutableValue } from './mutable.ts';

/** Which elements of arrays an update means. */
export interface ArrayPositions {
  /** Position of the array element that the query matched, -1 when there is none. */
  readonly matchedIndex: number;
  readonly arrayFilters: ReadonlyMap<string, Filter>;
}

/**
 * Lists the real paths that `path` stands for in this document.
 *
 * @throws {CommandError} BadValue when the query matched no array element, or a part does not stand at an array.
 */
export function expandPath(
  root: MutableValue,
  path: readonly string[],
  context: ArrayPositions,
): (readonly string[])[] {
  if (!path.some((part) => part.startsWith('$'))) return [path];
  return expand(root, path, 0, [], context);
}

function expand(
  value: MutableValue | undefined,
  path: readonly string[],
  from: number,
  done: readonly string[],
  context: ArrayPositions,
): (readonly string[])[] {
  const part = path[from];
  if (part === undefined) return [done];
  if (!part.startsWith('$')) return expand(value?.child(part), path, from + 1, [...done, part], context);
  return positionsOf(value, part, path, context).flatMap((position) =>
    expand(value?.child(String(position)), path, from + 1, [...done, String(position)], context),
  );
}

function positionsOf(
  array: MutableValue | undefined,
  part: string,
  path: readonly string[],
  context: ArrayPositions,
): number[] {
  if (part === '$') {
    if (context.matchedIndex >= 0) return [context.matchedIndex];
    throw new CommandError(
      'BadValue',
      'The positional operator did not find the match needed from the query.',
    );
  }
  if (array?.type !== BSON_TYPE.array) {
    throw new CommandError(
      'BadValue',
      `The path '${path.join('.')}' must exist in the document in order to apply array updates.`,
    );
  }
  const positions = [...array.elements.keys()];
  const name = part.slice(2, -1);
  if (name === '') return positions;
  const filter = context.arrayFilters.get(name);
  if (!filter)
    throw new CommandError(
      'BadValue',
      `No array filter found for identifier '${name}' in path '${path.join('.')}'`,
    );
  return positions.filter((position) => {
    const element = array.elements[position] as MutableValue;
    return matches(filter, buildDocument([[name, element.toRaw()]]), 0);
  });
}
