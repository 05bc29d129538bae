/**
 * Checks access to the controls, which change faults and breakers.
 *
 * Without LAB=1 the controls do not exist. With it, a request is refused when it comes from a page of another origin,
 * when its Host is not a known name (DNS rebinding), or when it lacks the token where one is set.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import type { Request, RequestHandler, Response } from 'express';
import { RequestError } from '../core/errors.ts';

/** Who may change what runs. */
export interface ControlSettings {
  /** Whether there are controls at all: `LAB=1`. */
  readonly enabled: boolean;
  /** What `Authorization: Bearer` must carry; empty when no token is needed. */
  readonly token: string;
  /** Host names of this service, beside addresses and localhost. */
  readonly names: readonly string[];
}

/** Creates the middleware that stands in front of every control. */
export function guardControl(settings: ControlSettings): RequestHandler {
  const requireAccess = createAccessCheck(settings);
  return (request, response, next) => {
    if (!settings.enabled) {
      throw new RequestError(
        'not-found',
        `Nothing answers ${request.method} ${request.path}: the controls exist only with LAB=1.`,
      );
    }
    requireAccess(request, response);
    next();
  };
}

/**
 * Creates the access check, for a control without a path of its own.
 *
 * The check throws a `RequestError`, `forbidden` or `unauthorized`, when access is denied.
 */
export function createAccessCheck({
  token,
  names,
}: ControlSettings): (request: Request, response: Response) => void {
  const expected = digest(token);
  return (request, response) => {
    requireHost(request, names);
    requireOrigin(request);
    if (token === '' || timingSafeEqual(digest(toBearer(request)), expected)) return;
    response.setHeader('WWW-Authenticate', 'Bearer');
    throw new RequestError(
      'unauthorized',
      'This control needs the token of LAB_TOKEN, as `Authorization: Bearer …`.',
    );
  };
}

/**
 * The error of a request that is no control and whose Host is an unknown name: an attacker may have pointed that name
 * at this address. A name without a dot passes: it is not public, and containers call each other by such names.
 */
export function findForeignHost(
  { headers }: IncomingMessage,
  names: readonly string[],
): RequestError | undefined {
  const host = toHostname(headers.host);
  return host.includes('.') && !isKnown(host, names) ? unknownHost(host) : undefined;
}

/** An attacker can point a name of their own at this machine, but neither an address nor a name of ours. */
function requireHost(request: Request, names: readonly string[]): void {
  const host = toHostname(request.headers.host);
  if (!isKnown(host, names)) throw unknownHost(host);
}

function isKnown(host: string, names: readonly string[]): boolean {
  return host === 'localhost' || isIP(host) !== 0 || names.includes(host);
}

function unknownHost(host: string): RequestError {
  return new RequestError(
    'forbidden',
    `The Host "${host}" is not known here. Use an address or localhost, or name it in LAB_HOSTS.`,
  );
}

/**
 * Browsers send the origin of the page; other programs send none.
 * @throws {RequestError} `forbidden` for a page of another origin.
 */
export function requireOrigin(request: Request): void {
  const { origin, host } = request.headers;
  if (origin === undefined || origin === `http://${host}` || origin === `https://${host}`) return;
  throw new RequestError('forbidden', `A page of ${origin} may not change anything here.`);
}

function toHostname(host = ''): string {
  const bracketed = /^\[([^\]]+)\](?::\d+)?$/.exec(host);
  return (bracketed?.[1] ?? host.replace(/:\d+$/, '')).toLowerCase();
}

function toBearer(request: Request): string {
  return /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
}

/** Digests have equal lengths, so comparing them takes constant time. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
