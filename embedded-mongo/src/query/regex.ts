/** Regular expressions in filters: BSON's and `$regex` as JavaScript's, with the options both know (i, m, s, u). */
import { BSON_TYPE, cstringEnd, type RawField, type RawValue, readString } from '../bson/raw.ts';
import { CommandError } from '../errors.ts';

/**
 * Parses `$regex` with the `$options` beside it.
 *
 * @throws {CommandError} BadValue for other options and patterns JavaScript does not take.
 */
export function parseRegexOperator(operator: RawField, siblings: readonly RawField[]): RegExp {
  const options = siblings.find((sibling) => sibling.name === '$options');
  const flags = options ? readString(options) : undefined;
  if (operator.type === BSON_TYPE.regex) return regexOf(operator, flags);
  if (operator.type !== BSON_TYPE.string) throw new CommandError('BadValue', '$regex has to be a string');
  return toRegExp(readString(operator), flags ?? '');
}

/** Turns a BSON regular expression into one that can be run. */
export function regexOf(value: RawValue, flags?: string): RegExp {
  const patternEnd = cstringEnd(value.bytes, value.start);
  const pattern = value.bytes.toString('utf8', value.start, patternEnd);
  return toRegExp(pattern, flags ?? value.bytes.toString('utf8', patternEnd + 1, value.end - 1));
}

function toRegExp(pattern: string, flags: string): RegExp {
  if (/[^imsu]/.test(flags)) {
    throw new CommandError(
      'BadValue',
      `regular expression option in "${flags}" is not supported (i, m, s, u are)`,
    );
  }
  try {
    return new RegExp(pattern, flags);
  } catch (cause) {
    throw new CommandError('BadValue', `Regular expression is invalid: ${(cause as Error).message}`);
  }
}
