/**
 * The doorman of the controls: whoever changes a fault or a breaker passes here first.
 *
 * Without LAB=1 the controls do not exist. With it a page of another origin, a name that was rebound to this address
 * and, where a token is set, whoever does not know it are turned away (architecture: looking is free, changing is not).
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
  /** What `Authorization: Bearer` must carry; empty when nobody has to say anything. */
  readonly token: string;
  /** Host names that are known to be this service, beside addresses and localhost. */
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
 * Creates the check of who asks, for a control that is no address of its own.
 *
 * The check throws a `RequestError`, `forbidden` or `unauthorized`, for whoever may not.
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
 * What is wrong with the name in a request that changes nothing that runs: it may be anybody's, and stand for this
 * machine since a moment ago. A name without a dot is nobody's outside: it is of the network that a container is in.
 */
export function findForeignHost(
  { headers }: IncomingMessage,
  names: readonly string[],
): RequestError | undefined {
  const host = toHostname(headers.host);
  return host.includes('.') && !isKnown(host, names) ? unknownHost(host) : undefined;
}

/** A name that an attacker owns can be pointed at this machine; an address or a name of ours cannot. */
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
 * Browsers say where a page comes from; programs say nothing.
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

/** Digests have one length, so that comparing them takes one time. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
