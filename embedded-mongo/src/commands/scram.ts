/**
 * Logging in by SCRAM-SHA-256 (RFC 7677), where the server has a user and a password. The password is never sent: both
 * sides prove that they know it.
 */
import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto';
import { BSON_TYPE, readFields } from '../bson/raw.ts';
import { CommandError } from '../core/errors.ts';
import type { Client } from './client.ts';
import type { Context, Reply } from './context.ts';
import { isTrue, type Request } from './request.ts';

const ITERATIONS = 15_000;

/** Commands that are allowed before the login. */
const OPEN = new Set(
  'hello isMaster ismaster ping buildInfo buildinfo saslStart saslContinue endSessions'.split(' '),
);

/**
 * Refuses a command of a client that has not logged in, where a login is required.
 *
 * @throws {CommandError} Unauthorized.
 */
export function requireLogin(request: Request, context: Context, client: Client): void {
  if (context.credentials === undefined || client.isAuthenticated || OPEN.has(request.name)) return;
  throw new CommandError('Unauthorized', `Command ${request.name} requires authentication`);
}

/** `saslStart`: the client's user name; the reply has salt, iterations and nonce. */
export function saslStart(request: Request, context: Context, client: Client): Reply {
  const first = payloadOf(request).replace(/^n,,/, '');
  const [, user, nonce] = /^n=([^,]+),r=([^,]+)$/.exec(first) ?? [];
  const { credentials } = context;
  if (request.string('mechanism') !== 'SCRAM-SHA-256' || nonce === undefined || !credentials) throw failed();
  const salt = randomBytes(28);
  const challenge = `r=${nonce}${randomBytes(24).toString('base64')},s=${salt.toString('base64')},i=${ITERATIONS}`;
  // A wrong user takes as long as a wrong password.
  const isUser = user === credentials.user;
  const password = isUser ? credentials.password : randomBytes(16).toString('hex');
  const options = request.document('options');
  const skip =
    options && readFields(options.bytes, options.start).find(({ name }) => name === 'skipEmptyExchange');
  client.login = {
    first,
    challenge,
    key: pbkdf2Sync(password, salt, ITERATIONS, 32, 'sha256'),
    isShort: skip !== undefined && isTrue(skip),
  };
  return { conversationId: 1, done: false, payload: Buffer.from(challenge), ok: 1 };
}

/** `saslContinue`: the client's proof, and the server's. */
export function saslContinue(request: Request, _context: Context, client: Client): Reply {
  const { login } = client;
  const text = payloadOf(request);
  if (client.isAuthenticated && text === '')
    return { conversationId: 1, done: true, payload: Buffer.alloc(0), ok: 1 };
  client.login = undefined;
  const [, withoutProof = '', nonce, proof = ''] = /^(c=biws,r=([^,]+)),p=(.+)$/.exec(text) ?? [];
  if (!login || nonce === undefined || !login.challenge.startsWith(`r=${nonce},`)) throw failed();
  const all = `${login.first},${login.challenge},${withoutProof}`;
  const clientKey = hmac(login.key, 'Client Key');
  const storedKey = createHash('sha256').update(clientKey).digest();
  const signature = hmac(storedKey, all);
  const expected = clientKey.map((byte, at) => byte ^ (signature[at] as number));
  const given = Buffer.from(proof, 'base64');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw failed();
  client.isAuthenticated = true;
  const own = hmac(hmac(login.key, 'Server Key'), all).toString('base64');
  return { conversationId: 1, done: login.isShort, payload: Buffer.from(`v=${own}`), ok: 1 };
}

function payloadOf(request: Request): string {
  const field = request.fields.get('payload');
  if (field?.type !== BSON_TYPE.binary)
    throw new CommandError('TypeMismatch', "Field 'payload' should be binary");
  // A length of four bytes and a subtype precede the bytes.
  return field.bytes.toString('utf8', field.start + 5, field.end);
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function failed(): CommandError {
  return new CommandError('AuthenticationFailed', 'Authentication failed.');
}
