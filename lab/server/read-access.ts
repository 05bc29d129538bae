/**
 * Who may look at the lab: everybody who calls it by its name while it has no token, else whoever knows it.
 *
 * A stream and a link of a page can carry no token, so a page that knows it gets a cookie instead. The cookie is a secret
 * of this life of the lab and good for reading only: the token itself is never in one.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { type ControlSettings, createAccessCheck } from '@holdfast/shared/http/control.ts';
import type { Request, RequestHandler } from 'express';

/** The readers of one lab. */
export interface ReadAccess {
  /** Stands in front of what can be read. */
  readonly check: RequestHandler;
  /** Gives the cookie to who has passed the guard of changes. */
  readonly grantCookie: RequestHandler;
}

const cookieName = 'holdfast-lab';

/** Creates the readers of one lab. */
export function createReadAccess(control: ControlSettings): ReadAccess {
  const secret = randomBytes(24).toString('base64url');
  const demandToken = createAccessCheck(control);
  const demandPlace = createAccessCheck({ ...control, token: '' });
  const isOpen = control.token === '';

  return {
    check(request, response, next) {
      (isOpen || toCookies(request).some((cookie) => isSame(cookie, secret)) ? demandPlace : demandToken)(
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

/** All that have the name: another server on this host name may have set one, too. */
function toCookies({ headers }: Request): string[] {
  const cookies = (headers.cookie ?? '').split(';').map((cookie) => cookie.trim());
  return cookies.flatMap((cookie) =>
    cookie.startsWith(`${cookieName}=`) ? [cookie.slice(cookieName.length + 1)] : [],
  );
}

function isSame(one: string, other: string): boolean {
  return timingSafeEqual(digest(one), digest(other));
}

/** Digests have one length, so that comparing them takes one time. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
