/**
 * Regular expressions in filters: BSON's and `$regex`, with the options i, m, s (and u, which changes nothing). RE2
 * runs them in linear time, so no pattern can block the server. What needs backtracking (lookaround, backreferences) is
 * refused, and so is what would still take long.
 */
import { RE2JS } from 're2js';
import { BSON_TYPE, cstringEnd, type RawField, type RawValue, readString } from '../bson/raw.ts';
import { CommandError } from '../core/errors.ts';

/** The limit of characters of a pattern. */
export const MAX_PATTERN = 1000;
/** The limit of a pattern's instructions times a text's characters: tenths of a second at worst. */
export const MAX_PATTERN_STEPS = 2_000_000;
/** The time limit of one pattern of a command, in milliseconds. */
export const MAX_PATTERN_MS = 500;

/** A compiled pattern; it measures its own time. */
export interface Pattern {
  /** @throws {CommandError} OperationFailed when the text is too long for it, or its time is over. */
  test(text: string): boolean;
}

const FLAGS: Readonly<Record<string, number>> = {
  i: RE2JS.CASE_INSENSITIVE,
  m: RE2JS.MULTILINE,
  s: RE2JS.DOTALL,
  u: 0,
};

/**
 * Parses `$regex` with the `$options` beside it.
 *
 * @throws {CommandError} BadValue for other options, and for patterns that RE2 refuses.
 */
export function parseRegexOperator(operator: RawField, siblings: readonly RawField[]): Pattern {
  const options = siblings.find((sibling) => sibling.name === '$options');
  const flags = options ? readString(options) : undefined;
  if (operator.type === BSON_TYPE.regex) return regexOf(operator, flags);
  if (operator.type !== BSON_TYPE.string) throw new CommandError('BadValue', '$regex has to be a string');
  return toPattern(readString(operator), flags ?? '');
}

/** Turns a BSON regular expression into one that can be run. */
export function regexOf(value: RawValue, flags?: string): Pattern {
  const patternEnd = cstringEnd(value.bytes, value.start);
  const pattern = value.bytes.toString('utf8', value.start, patternEnd);
  return toPattern(pattern, flags ?? value.bytes.toString('utf8', patternEnd + 1, value.end - 1));
}

/** Makes a pattern; `elapsed` reads a clock that never goes back. */
export function toPattern(source: string, flags: string, elapsed = () => performance.now()): Pattern {
  if (/[^imsu]/.test(flags)) {
    throw new CommandError(
      'BadValue',
      `regular expression option in "${flags}" is not supported (i, m, s, u are)`,
    );
  }
  if (source.length > MAX_PATTERN) {
    throw new CommandError('BadValue', `Regular expression is too long: at most ${MAX_PATTERN} characters`);
  }
  const pattern = compile(source, flags);
  const size = pattern.programSize();
  let left = MAX_PATTERN_MS;
  return {
    test(text) {
      if (size * text.length > MAX_PATTERN_STEPS) {
        throw new CommandError('OperationFailed', 'Regular expression is too much for a text of this length');
      }
      const start = elapsed();
      const isMatch = pattern.test(text);
      left -= elapsed() - start;
      if (left >= 0) return isMatch;
      throw new CommandError('OperationFailed', 'Regular expression took too long');
    },
  };
}

function compile(source: string, flags: string): RE2JS {
  try {
    let bits = 0;
    for (const flag of flags) bits |= FLAGS[flag] as number;
    return RE2JS.compile(source, bits);
  } catch (cause) {
    throw new CommandError('BadValue', `Regular expression is invalid: ${(cause as Error).message}`);
  }
}
