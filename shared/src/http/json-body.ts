/**
 * Reads the JSON of a request, and checks its type header, encoding, size and depth.
 *
 * Bytes are decoded strictly: a decoder that repairs them would store what nobody sent.
 */
import type { Request, RequestHandler } from 'express';
import { RequestError } from '../core/errors.ts';
import { markInexact } from '../core/exact-json.ts';
import { isTooDeep, maxDepth } from '../core/storable.ts';
import type { ChainGate } from '../proof/chain-gate.ts';
import { partMark } from '../proof/chain-proof.ts';

/** Largest body in bytes, as received and as serialized again for the next hop. */
export const maxBodyBytes = 100_000;
/** Factor by which JSON can grow when it is serialized again: `1e20` becomes 21 digits; everything else grows less. */
const growth = 6;
/** Largest body of a hop: what a front door has accepted by its received size may have grown. */
export const maxHopBodyBytes = growth * maxBodyBytes;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Middleware: refuses what is not declared as JSON, then reads at most `limitBytes`. */
export function readJsonUpTo(limitBytes: number): RequestHandler {
  const read = readUpTo(limitBytes);
  return (request, response, next) => {
    requireJson(request);
    read(request, response, next);
  };
}

/** Middleware: reads at most `limitBytes`, whatever they are. */
export function readUpTo(limitBytes: number): RequestHandler {
  return (request, _response, next) => {
    const parts: Buffer[] = [];
    let bytes = 0;
    request.on('data', (part: Buffer) => {
      bytes += part.length;
      if (bytes <= limitBytes) parts.push(part);
    });
    // A larger one is read off too, so that the answer finds a client that listens; its time is bounded (body-timeouts.ts).
    request.once('end', () => {
      request.body = Buffer.concat(parts);
      next(bytes > limitBytes ? tooLarge(limitBytes) : undefined);
    });
  };
}

/** The refusal of a body that is larger than `limitBytes`. */
export function tooLarge(limitBytes: number): RequestError {
  return new RequestError('too-large', `The body is larger than ${limitBytes / 1000} kB.`);
}

/** Middleware: reads a body from outside. */
export const readJsonBytes = readJsonUpTo(maxBodyBytes);

/** Middleware: reads a document; that of a hop may be larger. */
export function readDocumentBytes({ isProven }: Pick<ChainGate, 'isProven'>): RequestHandler {
  const readOfHop = readJsonUpTo(maxHopBodyBytes);
  return (request, response, next) =>
    (isProven(request) ? readOfHop : readJsonBytes)(request, response, next);
}

/**
 * Parses the bytes that the middleware left on the request.
 * @throws {RequestError} `unreadable` when they are empty, no UTF-8, no JSON, or nested too deep; `too-large` when they
 *   come from outside and grow beyond the limit when they are serialized again for the next hop.
 */
export function parseJsonBody(request: Request, { isFromHop } = { isFromHop: false }): unknown {
  const bytes: unknown = request.body; // Express leaves it undefined when there was no body
  if (!Buffer.isBuffer(bytes) || bytes.length === 0) throw unreadable('The body is empty.');
  let text: string;
  let value: unknown;
  try {
    text = utf8.decode(bytes);
    value = JSON.parse(text);
  } catch (error) {
    const what = error instanceof SyntaxError ? `no JSON: ${error.message.slice(0, 120)}` : 'not valid UTF-8';
    throw unreadable(`The body is ${what}.`, error);
  }
  if (isTooDeep(value)) throw unreadable(`The body nests deeper than ${maxDepth} levels.`);
  if (isFromHop) return value; // the front door has made these checks
  requireRoom(value, bytes.length);
  return markInexact(text, value);
}

/** Measures only bodies that could grow beyond the limit: none of the usual size. */
function requireRoom(value: unknown, sentBytes: number): void {
  if (sentBytes * growth <= maxBodyBytes) return;
  const bytes = Buffer.byteLength(JSON.stringify(value));
  if (bytes <= maxBodyBytes) return;
  throw new RequestError(
    'too-large',
    `The body has ${bytes} bytes when its numbers are written out, more than ${maxBodyBytes / 1000} kB.`,
  );
}

/** What nearly every request says; anything else is looked at more closely. */
const usualTypes = new Set(['application/json', `application/json; ${partMark}`]);

function requireJson({ headers }: Request): void {
  const header = headers['content-type'] ?? '';
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity')
    throw unsupported(`The Content-Encoding is ${encoding}; bodies must not be compressed.`);
  if (usualTypes.has(header)) return;
  const [type = '', ...parameters] = header.split(';').map((part) => part.trim().toLowerCase());
  if (!/^application\/([\w.-]+\+)?json$/.test(type)) {
    throw unsupported(
      `The Content-Type is ${type === '' ? 'absent' : `"${type}"`}; it must be application/json.`,
    );
  }
  const charset = parameters.find((parameter) => parameter.startsWith('charset='))?.slice('charset='.length);
  if (charset !== undefined && charset.replaceAll('"', '') !== 'utf-8') {
    throw unsupported(`The charset is ${charset}; it must be utf-8.`);
  }
}

function unreadable(message: string, cause?: unknown): RequestError {
  return new RequestError('unreadable', message, { cause });
}

function unsupported(message: string): RequestError {
  return new RequestError('unsupported-media-type', message);
}
