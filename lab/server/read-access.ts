/**
 * Read access to the lab: open under its own host names while it has no token, else for clients with the token.
 *
 * A stream or link of a page cannot send a token, so a page that has it gets a cookie. The cookie is a random secret of
 * this process and allows reading only; it never holds the token.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { type ControlSettings, createAccessCheck } from '@holdfast/shared/http/control.ts';
import type { Request, RequestHandler } from 'express';

/** Read access to one lab. */
export interface ReadAccess {
  /** Runs before every read. */
  readonly check: RequestHandler;
  /** Sets the cookie; it runs behind the guard of changes. */
  readonly grantCookie: RequestHandler;
}

const cookieName = 'holdfast-lab';

/** Creates the read access of one lab. */
export function createReadAccess(control: ControlSettings): ReadAccess {
  const secret = randomBytes(24).toString('base64url');
  const checkToken = createAccessCheck(control);
  const checkHost = createAccessCheck({ ...control, token: '' });
  const isOpen = control.token === '';

  return {
    check(request, response, next) {
      (isOpen || toCookies(request).some((cookie) => isSame(cookie, secret)) ? checkHost : checkToken)(
        request,
        response,
      );
      next();
    },
    grantCookie(_request, response) {
      if (!isOpen) {
        response.setHeader('Set-Cookie', `${cookieName}=${secret}; Path=/; HttpOnly; SameSite=Strict`);
      }
      response.set('Cache-Control', 'no-store').status(204).end();
    },
  };
}

/** All cookies of that name: another server on this host name can have set one, too. */
function toCookies({ headers }: Request): string[] {
  const cookies = (headers.cookie ?? '').split(';').map((cookie) => cookie.trim());
  return cookies.flatMap((cookie) =>
    cookie.startsWith(`${cookieName}=`) ? [cookie.slice(cookieName.length + 1)] : [],
  );
}

function isSame(one: string, other: string): boolean {
  return timingSafeEqual(digest(one), digest(other));
}

/** Digests have the same length, so that they can be compared in constant time. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
