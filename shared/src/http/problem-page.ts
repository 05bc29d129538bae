/**
 * `GET /problems` and `GET /problems/:code`: the pages behind a problem's `type`, and the list of all.
 *
 * They are made once, load nothing, and their policy allows their own style alone.
 */
import { createHash } from 'node:crypto';
import type { RequestHandler, Response } from 'express';
import { RequestError } from '../core/errors.ts';
import { problemPages, problemType } from '../core/problem.ts';
import type { ReadGate } from './read-gate.ts';
import type { Routes } from './route-table.ts';

/** A way on from the pages: its text and its address on the same server. */
export interface ProblemLink {
  readonly text: string;
  readonly href: string;
}

type Code = keyof typeof problemPages;

const style = `:root{color-scheme:light dark;--ground:#eef2f5;--panel:#fff;--line:#d3dce3;--text:#14202a;--muted:#4d5d6a;--link:#0b5cad}
@media(prefers-color-scheme:dark){:root{--ground:#0e1418;--panel:#182026;--line:#2a3740;--text:#e8eef3;--muted:#a3b0bb;--link:#8cc8ff}}
body{margin:0 auto;padding:1.25rem;max-width:44rem;font:100%/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;background:var(--ground);color:var(--text)}
nav,dl div{display:flex;flex-wrap:wrap;gap:.25rem 1rem}a{color:var(--link)}:focus-visible{outline:3px solid var(--link);outline-offset:2px}
main{margin:1rem 0;padding:1rem 1.25rem;background:var(--panel);border:1px solid var(--line);border-radius:10px}
h1{margin:0 0 .5rem;font-size:1.5rem}h2{margin:1.25rem 0 .25rem;font-size:1.1rem}p{margin:.5rem 0}dl{margin:0}dt{flex:none;width:3rem;color:var(--muted)}dd{margin:0;flex:1 1 14rem}.code{flex:none}
dl div{padding:.35rem 0;border-top:1px solid var(--line)}code{font-family:ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace;color:var(--muted)}`;

const contentPolicy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Creates the routes; `links` stand on every page beside the link to the list. */
export function problemRoutes(reads: ReadGate, links: readonly ProblemLink[]): Routes {
  const codes = Object.keys(problemPages) as Code[];
  const pages = new Map(codes.map((code) => [code as string, toProblemPage(code, links)]));
  const list = toListPage(codes, links);
  const answerPage: RequestHandler = (request, response) => {
    const page = pages.get(String(request.params.code));
    if (page === undefined) throw new RequestError('not-found', 'There is no such problem.');
    send(response, page);
  };
  return {
    '/problems': { GET: [reads.within('file', (_request, response) => send(response, list))] },
    '/problems/:code': { GET: [answerPage] },
  };
}

function send(response: Response, page: string): void {
  response.set('Content-Security-Policy', contentPolicy).type('html').send(page);
}

function toProblemPage(code: Code, links: readonly ProblemLink[]): string {
  const { status, title, explanation } = problemPages[code];
  const alike = Object.entries(problemPages).filter(
    ([other, page]) => other !== code && page.status === status,
  );
  const others = alike.map(([other, page]) => toRow(other as Code, page.title)).join('');
  return toPage(
    `${status} ${title}`,
    `<h1>${status} ${title}</h1><p>${explanation}</p><p><code>${problemType(code)}</code></p>${
      others === '' ? '' : `<h2>Others with status ${status}</h2><dl>${others}</dl>`
    }`,
    [{ text: 'All problems', href: '/problems' }, ...links],
  );
}

function toListPage(codes: readonly Code[], links: readonly ProblemLink[]): string {
  const rows = (isOf: (status: number) => boolean) =>
    codes
      .filter((code) => isOf(problemPages[code].status))
      .toSorted((a, b) => problemPages[a].status - problemPages[b].status)
      .map((code) => toRow(code, problemPages[code].title))
      .join('');
  return toPage(
    'Problems',
    `<h1>Problems</h1><p>Every answer from 400 on is a problem (RFC 9457). Its <code>type</code> is the address of one of these pages, and <code>saved</code> says whether the document is kept.</p><h2>What the caller can mend</h2><dl>${rows(
      (status) => status < 500,
    )}</dl><h2>What failed here or further on</h2><dl>${rows((status) => status >= 500)}</dl>`,
    links,
  );
}

function toRow(code: Code, title: string): string {
  return `<div><dt>${problemPages[code].status}</dt><dd><a href="${problemType(code)}">${title}</a></dd><dd class="code"><code>${code}</code></dd></div>`;
}

function toPage(title: string, content: string, links: readonly ProblemLink[]): string {
  const ways = links.map(({ text, href }) => `<a href="${href}">${text}</a>`).join('');
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title} · Holdfast</title><style>${style}</style></head><body><nav aria-label="More">${ways}</nav><main>${content}</main></body></html>\n`;
}
