/**
 * What clients were told of their orders: a file with `id<TAB>status` on each line, read as a stream.
 *
 * An id alone says that the order was acknowledged and nothing more, as 202 does.
 */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

/** One order and the last that its client heard of it. */
export interface Acknowledged {
  readonly id: string;
  /** `pending` may have become anything since; the others are final. */
  readonly status: 'completed' | 'cancelled' | 'pending';
}

/** Every word for what a client was told: the HTTP status of the answer, or the status in its body. */
const words: ReadonlyMap<string, Acknowledged['status']> = new Map([
  ['200', 'completed'],
  ['202', 'pending'],
  ['422', 'cancelled'],
  ['completed', 'completed'],
  ['pending', 'pending'],
  ['cancelled', 'cancelled'],
]);

/** Malformed lines that are named; of more the rest is counted. */
const named = 10;

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
  const more = malformed.length > named ? ` and ${malformed.length - named} more` : '';
  const which = `${malformed.slice(0, named).join(', ')}${more}`;
  throw new SyntaxError(
    `malformed in ${path}: line ${which}. Legal is an id, or an id, a tab and ${[...words.keys()].join(', ')}.`,
  );
}

function parseLine(line: string): Acknowledged | undefined {
  const [id = '', status = 'pending', ...more] = line.trimEnd().split('\t');
  return id === '' || /\s/.test(id) || more.length > 0 ? undefined : toAcknowledged(id, status.trim());
}
