/**
 * Registers the paths of a service, each with its methods, so that every other method is answered 405 with `Allow`.
 */
import type { Express, RequestHandler } from 'express';
import { RequestError } from '../core/errors.ts';

/** The handlers of one path, by method. GET answers HEAD too. */
export type Methods = Partial<Record<'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', readonly RequestHandler[]>>;

/** Paths, as Express writes them, with their methods. */
export type Routes = Readonly<Record<string, Methods>>;

/** Registers `routes` in their sequence; no path is answered 405 before every other path was tried. */
export function registerRoutes(app: Express, routes: Routes): void {
  for (const [path, methods] of Object.entries(routes)) {
    for (const [method, handlers] of Object.entries(methods)) {
      app[method.toLowerCase() as 'get'](path, ...handlers);
    }
  }
  for (const [path, methods] of Object.entries(routes)) {
    const allow = [
      ...Object.keys(methods).flatMap((name) => (name === 'GET' ? ['GET', 'HEAD'] : [name])),
      'OPTIONS',
    ];
    app.all(path, (request, response) => {
      response.setHeader('Allow', allow.join(', '));
      throw new RequestError(
        'method-not-allowed',
        `${request.path} knows ${allow.join(', ')}, not ${request.method}.`,
      );
    });
  }
}
