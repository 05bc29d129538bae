/**
 * What clients were answered for their orders: a file with `id<TAB>status` on each line, read as a stream.
 *
 * An id alone counts as 202: acknowledged, with no final status.
 */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

/** One order and the last answer that its client got. */
export interface Acknowledged {
  readonly id: string;
  /** `pending` may have become anything since; the others are final. */
  readonly status: 'completed' | 'cancelled' | 'pending';
}

/** What an answer means, by its HTTP status or the status in its body. */
const words: ReadonlyMap<string, Acknowledged['status']> = new Map([
  ['200', 'completed'],
  ['202', 'pending'],
  ['422', 'cancelled'],
  ['completed', 'completed'],
  ['pending', 'pending'],
  ['cancelled', 'cancelled'],
]);

/** Malformed lines that an error names; further ones are counted. */
const maxNamedLines = 10;

/** What an answer acknowledges; `undefined` when it promises nothing. A 422 must be a final one. */
export function toAcknowledged(id: string, answered: number | string | null): Acknowledged | undefined {
  const status = words.get(`${answered}`);
  return status === undefined ? undefined : { id, status };
}

/**
 * Reads a file of acknowledged orders; empty lines are skipped.
 * @throws {SyntaxError} at the end, when lines were malformed: their numbers, and what is legal.
 */
export async function* readAcknowledged(path: string): AsyncIterable<Acknowledged> {
  const malformed: number[] = [];
  let number = 0;
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    number += 1;
    if (line.trim() === '') continue;
    const one = parseLine(line);
    if (one === undefined) malformed.push(number);
    else yield one;
  }
  if (malformed.length === 0) return;
  const more = malformed.length > maxNamedLines ? ` and ${malformed.length - maxNamedLines} more` : '';
  const which = `${malformed.slice(0, maxNamedLines).join(', ')}${more}`;
  throw new SyntaxError(
    `malformed in ${path}: line ${which}. Legal is an id, or an id, a tab and ${[...words.keys()].join(', ')}.`,
  );
}

function parseLine(line: string): Acknowledged | undefined {
  const [id = '', status = 'pending', ...more] = line.trimEnd().split('\t');
  return id === '' || /\s/.test(id) || more.length > 0 ? undefined : toAcknowledged(id, status.trim());
}
