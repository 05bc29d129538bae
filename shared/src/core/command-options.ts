/** The options of a command by kind: a switch, a number, a word or some of a closed list, free text. */

/** One option: how its value is read, and what a person needs to know about it. */
export interface Option<T> {
  /** The value in the help, as in `FILE`; absent when the option takes none. */
  readonly value?: string;
  readonly about: string;
  /** The legal values in words. */
  readonly range: string;
  /** The default as text; absent when there is none. */
  readonly fallback?: string;
  /**
   * Reads the values, the first one first; none when the option is absent.
   * @throws {UsageError} each of its lines continues a sentence that begins with the name of the option.
   */
  read(given: readonly string[]): T;
}

/** A command was called badly; the message has one line for each mistake. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What the help says of an option. */
interface Meaning {
  /** @default N */
  readonly value?: string;
  readonly about: string;
}

interface Range {
  readonly min: number;
  readonly max: number;
}

/** An option without a value: true when it is given. */
export function toggle(about: string): Option<boolean> {
  return { about, range: 'nothing', read: (given) => given.length > 0 };
}

/** A whole number from `min` to `max`, both included; without a fallback it may be absent. */
export function wholeNumber<F extends number | undefined = undefined>({
  fallback,
  ...rest
}: Meaning & Range & { readonly fallback?: F }): Option<number | F> {
  const range = toRange(rest);
  return single({ ...rest, range, shown: fallback }, fallback as F, (text) => parseWholeNumber(text, rest));
}

/** A list of whole numbers with commas, each once. */
export function numberList({
  fallback,
  most,
  check = () => true,
  ...rest
}: Meaning &
  Range & {
    readonly fallback: readonly number[];
    /** How many at most. */
    readonly most: number;
    /** What must hold between them; `range` says it in words. */
    readonly check?: (numbers: readonly number[]) => boolean;
    readonly range?: string;
  }): Option<readonly number[]> {
  const range = rest.range ?? `at most ${most}, each ${toRange(rest)}`;
  return single({ ...rest, range, shown: fallback.join(',') }, fallback, (text) => {
    const numbers = toList(text).map((one) => parseWholeNumber(one, rest));
    if (numbers.length <= most && check(numbers)) return numbers;
    throw toIllegal(text, range);
  });
}

/** One of a closed list of words; without a fallback it may be absent. */
export function word<const W extends string, const F extends W | undefined>(
  known: readonly W[],
  { fallback, ...rest }: Meaning & { readonly fallback: F },
): Option<W | F> {
  const range = `one of ${known.join(', ')}`;
  return single({ ...rest, range, shown: fallback }, fallback, (text) => find(known, text));
}

/** Some words of a closed list with commas, each once; by default all. */
export function words<const W extends string>(
  known: readonly W[],
  { fallback = known, ...rest }: Meaning & { readonly fallback?: readonly W[] },
): Option<readonly W[]> {
  const range = `some of ${known.join(', ')}`;
  const shown = fallback === known ? 'all' : fallback.join(',');
  return single({ ...rest, range, shown }, fallback, (text) => toList(text).map((one) => find(known, one)));
}

/** Text of a given form; absent when it is not given. */
export function freeText({
  form = /./,
  range,
  ...rest
}: Meaning & { readonly range: string; readonly form?: RegExp }): Option<string | undefined> {
  return {
    ...{ ...rest, range },
    read: (given) => {
      const text = given.at(-1);
      if (text === undefined || form.test(text)) return text;
      throw toIllegal(text, range);
    },
  };
}

/** An option whose last value counts, and whose help repeats its range. */
function single<T, F>(
  { value = 'N', about, range, shown }: Meaning & { range: string; shown: string | number | undefined },
  fallback: F,
  parse: (text: string) => T,
): Option<T | F> {
  return {
    ...{ value, about: `${about}; ${range}`, range },
    ...(shown === undefined ? {} : { fallback: `${shown}` }),
    read: (given) => {
      const text = given.at(-1);
      return text === undefined ? fallback : parse(text);
    },
  };
}

function parseWholeNumber(text: string, range: Range): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= range.min && value <= range.max) return value;
  throw toIllegal(text, toRange(range));
}

function toRange({ min, max }: Range): string {
  return `a whole number from ${min} to ${max}`;
}

function toList(text: string): string[] {
  return [...new Set(text.split(',').map((one) => one.trim()))];
}

function find<W extends string>(known: readonly W[], said: string): W {
  const found = known.find((one) => one === said);
  if (found !== undefined) return found;
  throw new UsageError(`knows ${known.join(', ')}, not "${said}".`);
}

function toIllegal(text: string, range: string): UsageError {
  return new UsageError(`${text} is not legal: it must be ${range}.`);
}
