/**
 * One bad input of the corpus: bytes as they go over the wire, and what may come back. Each class is a table in a file
 * beside this one; to add a case, add a row.
 */

/** `refused`: a 4xx, 501 or 505 (raw bytes: or no answer at all), and nothing is stored. `harmless`: any answer below 500. */
export type Outcome = 'refused' | 'harmless';

/** One bad input. `#` in a table's texts stands for the id that is its own. */
export interface Case {
  readonly title: string;
  readonly bytes: Buffer;
  readonly outcome: Outcome;
  /** Raw bytes, after which the client closes its side; a request waits for its answer. */
  readonly isRaw: boolean;
}

/** Cases of one kind. */
export interface Class {
  readonly name: string;
  readonly cases: readonly Case[];
}

/** The part of a request that a case changes. */
interface Parts {
  readonly method?: string;
  readonly target?: string;
  readonly headers?: readonly string[];
  /** Replaces the headers that a client would send. */
  readonly onlyHeaders?: readonly string[];
  readonly body?: string | Buffer;
}

/** A request as bytes; nothing is checked or escaped. */
export function toRequest({
  method = 'POST',
  target = '/create',
  headers = [],
  onlyHeaders,
  body = '',
}: Parts): Buffer {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const usual = [
    'Host: order.example',
    'Content-Type: application/json',
    `Content-Length: ${bytes.length}`,
    'Connection: close',
  ];
  const lines = [`${method} ${target} HTTP/1.1`, ...(onlyHeaders ?? usual), ...headers, '', ''];
  return Buffer.concat([Buffer.from(lines.join('\r\n'), 'latin1'), bytes]);
}

/** A good order as text, under the id `#` of its case. */
export const goodOrder =
  '{"id":"#","items":[],"payment":{"id":"p-#","amount":0,"shipment":{"id":"s-#","directions":"home"}}}';

/** Gives every case of a table an id of its own in the place of `#`. */
export function toClass(name: string, rows: readonly (readonly [string, Parts | Buffer, Outcome])[]): Class {
  const cases = rows.map(([title, parts, outcome], at): Case => {
    const id = `${outcome === 'refused' ? 'bad' : 'odd'}-${name.replace(/\W/g, '')}-${at}`;
    if (Buffer.isBuffer(parts)) return { title, bytes: parts, outcome, isRaw: true };
    const fill = (text: string) => text.replaceAll('#', id);
    const body = typeof parts.body === 'string' ? fill(parts.body) : parts.body;
    const target = parts.target?.replaceAll('#', id);
    return {
      title,
      outcome,
      isRaw: false,
      bytes: toRequest({
        ...parts,
        ...(body === undefined ? {} : { body }),
        ...(target === undefined ? {} : { target }),
      }),
    };
  });
  return { name, cases };
}

/** A text short enough for a title, and still told from others like it. */
export function brief(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 50)}… of ${text.length}`;
}
