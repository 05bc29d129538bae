/**
 * One HTTP message on its way: collects the answer from what the parser reports, and names what went wrong.
 *
 * Errors get the codes and words of Node's own client, so that those who read them know no undici.
 */

/** A whole answer with any status. */
export interface WholeAnswer {
  readonly status: number;
  readonly statusText: string;
  /** By their lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

interface Controller {
  abort(reason: Error): void;
}

type Headers = Record<string, string | string[] | undefined>;

/** A reset connection, by a name that undici does not know: it takes ECONNRESET for the end of an answer without a length. */
export const resetCode = 'ECONNRESET_IN_USE';

/** Handles the events of one dispatch; `answer` rejects when no whole one of at most `maxAnswerBytes` came. */
export class Exchange {
  readonly answer: Promise<WholeAnswer>;
  readonly #maxAnswerBytes: number;
  readonly #onBytes: ((bytes: Buffer) => void) | undefined;
  readonly #chunks: Buffer[] = [];
  #resolve!: (answer: WholeAnswer) => void;
  #reject!: (error: Error) => void;
  #controller: Controller | undefined;
  #isAborted = false;
  #status = 0;
  #statusText = '';
  #headers: Record<string, string> = {};

  constructor(maxAnswerBytes: number, onBytes?: (bytes: Buffer) => void) {
    this.#maxAnswerBytes = maxAnswerBytes;
    this.#onBytes = onBytes;
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** Ends it now; a message that waits for its connection is not sent when that opens. */
  abort(): void {
    this.#isAborted = true;
    this.#controller?.abort(canceled());
    this.#reject(canceled());
  }

  onRequestStart(controller: Controller): void {
    this.#controller = controller;
    if (this.#isAborted) controller.abort(canceled());
  }

  onResponseStart(_controller: Controller, status: number, headers: Headers, statusText = ''): void {
    if (status < 200) return; // the answer is still to come
    this.#status = status;
    this.#statusText = statusText;
    this.#headers = joinRepeated(headers);
  }

  onResponseData(_controller: Controller, chunk: Buffer): void {
    if (this.#onBytes !== undefined && this.#status === 200) this.#onBytes(chunk);
    else this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    const [first, ...others] = this.#chunks;
    const text = (others.length === 0 ? first : Buffer.concat(this.#chunks))?.toString() ?? '';
    this.#resolve({
      status: this.#status,
      statusText: this.#statusText,
      headers: this.#headers,
      text: text.charCodeAt(0) === 0xfeff ? text.slice(1) : text, // the mark of the encoding is no part of the text
    });
  }

  onResponseError(_controller: Controller | null, error: Error): void {
    this.#reject(toNodeError(error, this.#status > 0, this.#maxAnswerBytes));
  }
}

function canceled(): Error {
  return new Error('canceled');
}

/** A list as one text; of a field that may come once the first counts, as in Node's own client. */
function joinRepeated(headers: Headers): Record<string, string> {
  for (const name in headers) {
    const value = headers[name];
    if (Array.isArray(value)) headers[name] = comesOnce.has(name) ? value[0] : value.join(', ');
  }
  return headers as Record<string, string>;
}

const comesOnce = new Set(
  'age,content-type,etag,expires,last-modified,location,retry-after,server'.split(','),
);

/** Names an error as Node's own client does; any other is passed on. */
function toNodeError(error: NodeJS.ErrnoException, hasBegun: boolean, maxAnswerBytes: number): Error {
  const { code = '', name, message } = error;
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE')
    return named('ERR_BAD_RESPONSE', `maxContentLength size of ${maxAnswerBytes} exceeded`, error);
  if (hasBegun && (tooEarly.has(code) || message.includes('Invalid EOF state')))
    return named('ERR_BAD_RESPONSE', 'stream has been aborted', error);
  if (closed.has(code)) return named('ECONNRESET', 'socket hang up', error);
  if (code === 'UND_ERR_HEADERS_OVERFLOW') return named(code, 'Parse Error: Header overflow', error);
  if (name === 'HTTPParserError')
    return named('HPE', message.replace(/^[^(]*\((.*)\)$/, 'Parse Error: $1'), error);
  return error;
}

/** The connection is no more. */
const closed = new Set([resetCode, 'UND_ERR_SOCKET', 'UND_ERR_DESTROYED']);
/** The answer ended before it was whole. */
const tooEarly = new Set(['UND_ERR_SOCKET', 'UND_ERR_DESTROYED', 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH']);

function named(code: string, message: string, cause: Error): Error {
  return Object.assign(new Error(message, { cause }), { code });
}
