import { describe, expect, it } from 'vitest';
import { parseNeighbourAnswer } from '../../../src/delivery/neighbour-answer.ts';
import { AttemptTimeoutError } from '../../../src/resilience/errors.ts';
import type { HttpResponse } from '../../../src/resilience/http-client.ts';

const raw = (status: number, body: unknown, headers: Record<string, string> = {}): HttpResponse => ({
  status,
  header: (name) => headers[name],
  text: typeof body === 'string' ? body : JSON.stringify(body),
});
const ours = (code: string) => ({ type: `/problems/${code}`, detail: 'In its own words.' });
const done = {
  id: 'p1',
  status: 'completed',
  message: 'This is vault',
  hops: [{ service: 'vault', status: 'completed', ms: 2 }],
};

describe("the next hop's answer", () => {
  it('is done when it is 200 with the document that was sent', () => {
    expect(parseNeighbourAnswer(raw(200, done), 'p1')).toEqual({
      kind: 'done',
      message: done.message,
      hops: done.hops,
    });
  });

  it('is pending when it is 202 with the document, and says when to ask again', () => {
    const answer = raw(202, { id: 'p1', status: 'pending', reason: 'later' }, { 'retry-after': '3' });
    expect(parseNeighbourAnswer(answer, 'p1')).toEqual({
      kind: 'pending',
      reason: 'later',
      retryAfterMs: 3000,
    });
  });

  it.each([400, 409, 422])('is a refusal when %i says that it is final', (status) => {
    const errors = [{ pointer: '/directions', detail: 'nowhere' }];
    expect(parseNeighbourAnswer(raw(status, { final: true, detail: 'No.', errors }), 'p1')).toEqual({
      kind: 'refused',
      detail: 'No.',
      errors,
    });
  });

  it('may leave out what only people read', () => {
    expect(parseNeighbourAnswer(raw(200, { id: 'p1', status: 'completed' }), 'p1')).toEqual({
      kind: 'done',
      message: '',
      hops: [],
    });
    expect(parseNeighbourAnswer(raw(202, { id: 'p1', status: 'pending' }), 'p1')).toEqual({
      kind: 'pending',
      reason: 'It is not finished yet.',
      retryAfterMs: undefined,
    });
    expect(parseNeighbourAnswer(raw(422, { final: true }), 'p1')).toEqual({
      kind: 'refused',
      detail: 'No reason was given.',
      errors: [],
    });
  });

  it.each([
    ['in its own words', ours('internal'), 'In its own words.'],
    ['by how it begins when it is foreign', ' <h1>Bad\n\t gateway</h1> ', '("<h1>Bad gateway</h1>").'],
    ['by no more than 60 characters of it', 'x'.repeat(100), `("${'x'.repeat(60)}").`],
    ['as empty when it is', ' \n ', 'an empty body.'],
    ['as foreign when its detail is no text', { type: 'a', detail: 7 }, '("{"type":"a","detail":7}").'],
  ])('that failed is told %s', (_how, body, words) => {
    const told = (status: number) => {
      try {
        return parseNeighbourAnswer(raw(status, body), 'p1');
      } catch (error) {
        return (error as Error).message;
      }
    };
    expect(told(500)).toMatch(/^It answered 500: /);
    expect(told(500)).toContain(words);
    expect(told(404)).toMatch(/^It answered 404, which says nothing about the document: /);
    expect(told(404)).toContain(words);
  });

  it('is told whole up to 500 characters', () => {
    const told = (length: number) => () =>
      parseNeighbourAnswer(raw(500, { ...ours('internal'), detail: 'x'.repeat(length) }), 'p1');
    expect(told(500)).toThrow(/: x{500}$/);
    expect(told(501)).toThrow(/: x{500}…$/);
  });

  it('is told in a sentence, however much it says', () => {
    const answer = raw(500, { type: '/problems/of-a-stranger', detail: '😀'.repeat(300_000) });
    expect(() => parseNeighbourAnswer(answer, 'p1')).toThrow(/^It answered 500: (😀){250}…$/u);
  });

  it.each([
    ['200 for another document', 200, { ...done, id: 'p2' }],
    ['200 in another state', 200, { ...done, status: 'pending' }],
    ['200 with HTML', 200, '<html>hello</html>'],
    ['200 with half a body', 200, '{"id":"p1","status":"comp'],
    ['200 with nothing', 200, ''],
    ['200 with hops of another kind', 200, { ...done, hops: [{ service: 'vault' }] }],
    ['202 with HTML', 202, '<html></html>'],
    ['202 for another document', 202, { id: 'p2', status: 'pending' }],
    ['202 in another state', 202, { ...done, status: 'completed' }],
    ['408', 408, ''],
    ['500', 500, '<html>oops</html>'],
    ['503 of a stranger that says final', 503, { final: true }],
    ['our own 503 that does not say busy', 503, ours('store-unavailable')],
    ['a 503 that says that the time was over', 503, ours('deadline-exceeded')],
    ['a 500 that says busy', 500, ours('overloaded')],
  ])('is a failure: %s', (_what, status, body) => {
    expect(() => parseNeighbourAnswer(raw(status, body), 'p1')).toThrow(
      expect.objectContaining({ code: 'neighbour-failed' }),
    );
  });

  it.each([
    ['a proxy 404', 404, '<html>404</html>'],
    ['a 404 that claims to be final', 404, { final: true }],
    ['a redirect', 302, ''],
    ['401', 401, { final: 'true' }],
    ['403', 403, ''],
    ['407', 407, ''],
    ['421', 421, ours('misdirected')],
    ['the 508 of a ring', 508, ours('loop')],
  ])('is a misconfiguration, never a refusal: %s', (_what, status, body) => {
    expect(() => parseNeighbourAnswer(raw(status, body), 'p1')).toThrow(
      expect.objectContaining({ code: 'neighbour-misconfigured' }),
    );
  });

  it.each([
    ['a 422 that is not final', 422, { detail: 'no' }],
    ['a final 422 whose errors are of another kind', 422, { final: true, errors: [{}] }],
    ['a 400 of a stranger', 400, 'Bad Request'],
    ['our own 400', 400, ours('unreadable')],
    ['a 409 that is not final', 409, ''],
    ['413', 413, ours('too-large')],
    ['414', 414, ''],
    ['415', 415, ours('unsupported-media-type')],
    ['431', 431, ''],
  ])('says that this document is not taken, and no more: %s', (_what, status, body) => {
    expect(() => parseNeighbourAnswer(raw(status, body), 'p1')).toThrow(
      expect.objectContaining({ code: 'document-not-taken' }),
    );
  });

  it.each([
    ['429', 429, 'slow down'],
    ['503 overloaded', 503, ours('overloaded')],
    ['503 starting', 503, ours('starting')],
    ['503 stopping', 503, ours('stopping')],
  ])('asks for patience: %s', (_what, status, body) => {
    expect(() => parseNeighbourAnswer(raw(status, body, { 'retry-after': '2' }), 'p1')).toThrow(
      expect.objectContaining({ code: 'neighbour-busy', retryAfterMs: 2000 }),
    );
  });

  it('was too late when it is our own 504, and a failure when it is that of a proxy', () => {
    expect(() => parseNeighbourAnswer(raw(504, ours('deadline-exceeded')), 'p1')).toThrow(
      AttemptTimeoutError,
    );
    expect(() => parseNeighbourAnswer(raw(504, ''), 'p1')).toThrow(
      expect.objectContaining({ code: 'neighbour-failed' }),
    );
  });
});
