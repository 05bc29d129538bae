/** `GET /problems/:code`: the page behind a problem's `type`. */
import type { RequestHandler } from 'express';
import { RequestError } from '../core/errors.ts';
import { problemPages } from '../core/problem.ts';

/** Answers the page of one problem. */
export const answerProblemPage: RequestHandler = (request, response) => {
  const code = String(request.params.code);
  const page = Object.hasOwn(problemPages, code)
    ? problemPages[code as keyof typeof problemPages]
    : undefined;
  if (page === undefined) throw new RequestError('not-found', 'There is no such problem.');
  response
    .type('html')
    .send(
      `<!doctype html><html lang="en"><title>${page.title}</title><h1>${page.status} ${page.title}</h1><p>${page.explanation}</p></html>\n`,
    );
};
