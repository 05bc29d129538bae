/**
 * Serves openapi.json and Swagger UI from the files of swagger-ui-dist: no other host, no inline script.
 *
 * Everything is loaded once, at the first request, and served from memory: an aborted download leaves no open file. All
 * addresses are relative, so that a proxy may add a prefix.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
import type { RequestHandler, Response } from 'express';
import { RequestError } from '../core/errors.ts';
import type { DocumentOptions } from './document.ts';

/** The page has buttons that create and change: no other page may frame it or hold its window. */
const policy =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'";

/** Files of swagger-ui-dist that the page needs. */
const files = ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png'];

const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Holdfast</title>
    <link rel="icon" type="image/png" href="favicon-32x32.png">
    <link rel="stylesheet" href="swagger-ui.css">
    <script src="swagger-ui-bundle.js" defer></script>
    <script src="start.js" defer></script>
  </head>
  <body>
    <main id="docs"><noscript>This page needs scripts; <a href="../openapi.json">openapi.json</a> does not.</noscript></main>
  </body>
</html>
`;

/** The script of the page; a file of its own, since the policy forbids inline scripts. */
const start = `window.addEventListener('DOMContentLoaded', () => {
  SwaggerUIBundle({
    url: new URL('../openapi.json', document.baseURI).href,
    domNode: document.getElementById('docs'),
    deepLinking: true,
    tryItOutEnabled: true,
    displayRequestDuration: true,
    validatorUrl: null,
    onComplete() {
      document.title = document.querySelector('.info .title')?.firstChild?.textContent ?? document.title;
    },
  });
});
`;

/** `GET /openapi.json`. */
export function answerOpenApi(options: DocumentOptions): RequestHandler {
  let text: string | undefined;
  return async (_request, response) => {
    text ??= JSON.stringify((await import('./document.ts')).toOpenApi(options));
    response.type('json').set('Cache-Control', 'no-cache').send(text);
  };
}

/** `GET /docs`: the page, at `docs/`, so that its relative addresses find its files. */
export const answerDocs: RequestHandler = (request, response) => {
  if (request.path.endsWith('/')) guard(response).type('html').send(page);
  else response.status(308).location('docs/').end();
};

/** `GET /docs/:file`. */
export const answerDocsFile: RequestHandler = async (request, response) => {
  const { file } = request.params;
  if (file === 'start.js') {
    guard(response).type('js').send(start);
    return;
  }
  const known = files.find((name) => name === file);
  if (known === undefined) throw new RequestError('not-found', 'There is no such file.');
  const { content, etag } = await load(known);
  guard(response).type(extname(known)).set('ETag', etag).send(content);
};

function guard(response: Response): Response {
  return response.set({
    'Content-Security-Policy': policy,
    'Cross-Origin-Opener-Policy': 'same-origin',
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'no-cache',
  });
}

interface LoadedFile {
  readonly content: Buffer;
  readonly etag: string;
}

const loaded = new Map<string, Promise<LoadedFile>>();

/** Reads a file of the page once. */
function load(name: string): Promise<LoadedFile> {
  const known = loaded.get(name);
  if (known !== undefined) return known;
  const loading = readFile(join(toFolder(), name)).then((content) => {
    const digest = createHash('sha256').update(content).digest('base64url').slice(0, 22);
    return { content, etag: `"${digest}"` };
  });
  loaded.set(name, loading);
  loading.catch(() => loaded.delete(name));
  return loading;
}

function toFolder(): string {
  return dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
}
