/**
 * Reads the JSON of a request and trusts nothing: not the type header, not the encoding, not the depth.
 *
 * Bytes are decoded strictly, because a decoder that repairs them would store what nobody sent.
 */
import express, { type Request, type RequestHandler } from 'express';
import { RequestError } from './errors.ts';
import { isTooDeep, maxDepth } from './storable.ts';

/** Largest body in bytes. */
export const maxBodyBytes = 100_000;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Middleware: refuses what does not claim to be JSON, then reads at most so many bytes. */
export function readJsonUpTo(limitBytes: number): readonly RequestHandler[] {
  return [
    (request, _response, next) => {
      demandJson(request);
      next();
    },
    express.raw({ type: () => true, limit: limitBytes, inflate: false }),
  ];
}

/** Middleware: reads the bytes of a document. */
export const readJsonBytes = readJsonUpTo(maxBodyBytes);

/**
 * Parses the bytes that `readJsonBytes` left on the request.
 * @throws {RequestError} `unreadable` when they are empty, no UTF-8, no JSON, or nested too deep.
 */
export function parseJsonBody(request: Request): unknown {
  const bytes: unknown = request.body; // Express leaves it undefined when there was no body
  if (!Buffer.isBuffer(bytes) || bytes.length === 0) throw unreadable('The body is empty.');
  let value: unknown;
  try {
    value = JSON.parse(utf8.decode(bytes));
  } catch (error) {
    const what = error instanceof SyntaxError ? `no JSON: ${error.message.slice(0, 120)}` : 'not valid UTF-8';
    throw unreadable(`The body is ${what}.`, error);
  }
  if (isTooDeep(value)) throw unreadable(`The body nests deeper than ${maxDepth} levels.`);
  return value;
}

function demandJson(request: Request): void {
  const header = request.headers['content-type'] ?? '';
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
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity')
    throw unsupported(`The Content-Encoding is ${encoding}; bodies must not be compressed.`);
}

function unreadable(message: string, cause?: unknown): RequestError {
  return new RequestError('unreadable', message, { cause });
}

function unsupported(message: string): RequestError {
  return new RequestError('unsupported-media-type', message);
}
