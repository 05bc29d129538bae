/**
 * The syntax of `# @expect` and `# @until`, and the check of an answer.
 *
 *     subject   status · duration · text · header NAME · body PATH          duration is in milliseconds
 *     operator  == != < <= > >= contains matches                            without one: it is there
 *     value     JSON, or /a regular expression/ behind matches; {{name.response.body.$.path}} in a text
 *
 *     # @expect status == 201
 *     # @expect body.hops[0].service == "order"
 *     # @until body.status == "completed" within 15 s
 */
import { isDeepStrictEqual } from 'node:util';
import { parsePath, walk } from './path.ts';

/** An answer as expectations see it. */
export interface Reply {
  readonly status: number;
  readonly durationMs: number;
  /** By their names in small letters. */
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  /** The JSON of the text; `undefined` when it is none. */
  readonly body: unknown;
}

/** Puts values in the place of `{{…}}`. @throws when one has none. */
export type Resolve = (text: string) => string;

/** One expectation. */
export interface Expectation {
  readonly text: string;
  /** The difference in words; `undefined` when the answer is as expected. */
  check(reply: Reply, resolve: Resolve): string | undefined;
}

/** An expectation that repeats the request until the answer is as expected. */
export interface Wait {
  readonly expectation: Expectation;
  readonly withinMs: number;
}

/** An expectation that cannot be parsed. */
export class ExpectationError extends Error {
  override readonly name = 'ExpectationError';
}

type Operator = (typeof operators)[number];
type Subject = (reply: Reply) => unknown;

const operators = ['==', '!=', '<=', '>=', '<', '>', 'contains', 'matches'] as const;

/** Reads an expectation. @throws {ExpectationError} when any of it cannot be read. */
export function parseExpectation(text: string): Expectation {
  const found = /^(.*?)(?:\s+(==|!=|<=|>=|<|>|contains|matches)\s+(.+))?$/.exec(text.trim());
  const [, about = '', operator, value = ''] = found ?? [];
  const subject = parseSubject(about, text);
  if (operator === undefined) {
    return {
      text,
      check: (reply) => (isThere(subject(reply)) ? undefined : `there is no ${about}`),
    };
  }
  const holds = parseComparison(operator as Operator, value, text);
  return {
    text,
    check(reply, resolve) {
      const got = subject(reply);
      if (!isThere(got) && value !== 'null') return `there is no ${about}`;
      return holds(got, resolve) ? undefined : `${about} is ${shorten(got)}`;
    },
  };
}

/** Reads `EXPECTATION within N s`. @throws {ExpectationError} when any of it cannot be read. */
export function parseWait(text: string): Wait {
  const [, expectation, seconds] = /^(.+) within (\d{1,3}) s$/.exec(text.trim()) ?? [];
  if (expectation === undefined) {
    throw new ExpectationError(`"${text}" does not end with how long to wait, as in "within 15 s"`);
  }
  return { expectation: parseExpectation(expectation), withinMs: Number(seconds) * 1000 };
}

function parseSubject(about: string, whole: string): Subject {
  if (about === 'status') return (reply) => reply.status;
  if (about === 'duration') return (reply) => reply.durationMs;
  if (about === 'text') return (reply) => reply.text;
  const [, header] = /^header ([A-Za-z0-9-]+)$/.exec(about) ?? [];
  if (header !== undefined) return (reply) => reply.headers[header.toLowerCase()];
  const [, path] = /^body((?:[.[].*)?)$/.exec(about) ?? [];
  if (path === undefined) {
    throw new ExpectationError(
      `"${whole}" is about none of status, duration, text, header NAME and body PATH, or its operator is none of ${operators.join(' ')}`,
    );
  }
  const keys = readable(whole, () => parsePath(path));
  return (reply) => walk(reply.body, keys);
}

function parseComparison(
  operator: Operator,
  value: string,
  whole: string,
): (got: unknown, resolve: Resolve) => boolean {
  if (operator === 'matches') {
    const [, source] = /^\/(.+)\/$/.exec(value) ?? [];
    if (source === undefined) throw new ExpectationError(`"${whole}" has no /regular expression/`);
    const pattern = readable(whole, () => new RegExp(source));
    return (got) => pattern.test(String(got));
  }
  const parsed: unknown = readable(whole, () => JSON.parse(value));
  const wanted = (resolve: Resolve) => (typeof parsed === 'string' ? resolve(parsed) : parsed);
  if (operator === 'contains') {
    return (got, resolve) => contains(got, wanted(resolve));
  }
  if (operator === '==' || operator === '!=') {
    return (got, resolve) => isDeepStrictEqual(alike(got, parsed), wanted(resolve)) === (operator === '==');
  }
  if (typeof parsed !== 'number') throw new ExpectationError(`"${whole}" compares with no number`);
  return (got) => isOrdered(alike(got, parsed), operator, parsed);
}

/** A header is text; compared with a number it is read as one. */
function alike(got: unknown, wanted: unknown): unknown {
  const isNumeric = typeof wanted === 'number' && typeof got === 'string' && /^-?\d+(\.\d+)?$/.test(got);
  return isNumeric ? Number(got) : got;
}

function contains(got: unknown, wanted: unknown): boolean {
  if (typeof got === 'string') return typeof wanted === 'string' && got.includes(wanted);
  return Array.isArray(got) && got.some((one) => isDeepStrictEqual(one, wanted));
}

function isOrdered(got: unknown, operator: '<' | '<=' | '>' | '>=', wanted: number): boolean {
  if (typeof got !== 'number') return false;
  if (operator === '<') return got < wanted;
  if (operator === '<=') return got <= wanted;
  return operator === '>' ? got > wanted : got >= wanted;
}

function isThere(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function readable<T>(whole: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ExpectationError(`"${whole}" cannot be read: ${why}`, { cause: error });
  }
}

function shorten(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
