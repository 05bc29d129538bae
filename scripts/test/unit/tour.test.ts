/** The tour as a text: its chapters in the order of the lesson, every request named once and expecting something. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ExpectationError, parseExpectation, parseWait } from '../../tour/expectation.ts';

const text = readFileSync(fileURLToPath(new URL('../../../tests.http', import.meta.url)), 'utf8');
const [head = '', ...requests] = text.split(/^### /m);
const titles = requests.map((request) => request.split('\n')[0] ?? '');

describe('tests.http', () => {
  it('has the chapters of the lesson, in its order, and numbers their requests', () => {
    const numbers = titles.map((title) => /^(\d+)\.(\d+) \S/.exec(title)?.slice(1).map(Number) ?? []);
    const chapters = [...new Set(numbers.map(([chapter]) => chapter))];
    expect(chapters).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 99]);
    for (const chapter of chapters) {
      const inChapter = numbers.filter(([one]) => one === chapter).map(([, number]) => number);
      expect(inChapter).toEqual(inChapter.map((_, index) => index + 1));
    }
  });

  it('gives every request a name of its own, which is none of the variables', () => {
    const names = requests.map((request) => /^# @name (\w+)$/m.exec(request)?.[1]);
    const variables = [...head.matchAll(/^@(\w+) = /gm)].map(([, name]) => name);
    expect(names).not.toContain(undefined);
    expect(new Set([...names, ...variables]).size).toBe(names.length + variables.length);
  });

  it('expects something of every answer', () => {
    expect(titles.filter((_, index) => !/^# @(expect|until) /m.test(requests[index] ?? ''))).toEqual([]);
  });

  it('can be sent by hand: @-lines stand in comments, and nothing but a variable, {{$guid}} or an answer is filled in', () => {
    const lines = text.split('\n');
    const placeholders = [...text.matchAll(/\{\{(.*?)\}\}/g)].map(([, inside]) => inside);
    const known =
      /^(\$guid|order|payment|shipment|\w+Id|\w+\.response\.(body\.\$[.\w[\]]+|headers\.[\w-]+))$/;
    expect(
      lines.filter((line) => /@(expect|until|times|name)\b/.test(line) && !line.startsWith('#')),
    ).toEqual([]);
    expect(placeholders.filter((inside) => !known.test(inside ?? '') && inside !== '$uuid')).toEqual([]);
  });

  it('says which chapters need LAB=1', () => {
    const controlled = titles.filter((_, index) =>
      /^(PUT|PATCH|DELETE) .*\/(faults|breakers)/m.test(requests[index] ?? ''),
    );
    const chapters = new Set(controlled.map((title) => title.split('.')[0]));
    for (const chapter of chapters) {
      expect(titles.some((title) => title.startsWith(`${chapter}.`) && title.includes('LAB=1'))).toBe(true);
    }
  });
});

describe('an expectation', () => {
  const reply = {
    status: 202,
    durationMs: 12,
    headers: { 'retry-after': '3' },
    text: '{"a":{"b-c":[1,null]}}',
    body: { a: { 'b-c': [1, null] } },
  };
  const check = (one: string) => parseExpectation(one).check(reply, (value) => value.replace('{{x}}', '3'));

  it.each([
    'status == 202',
    'status != 200',
    'status matches /^20[02]$/',
    'duration <= 12',
    'header Retry-After',
    'header retry-after == 3',
    'header retry-after == "{{x}}"',
    'body.a["b-c"][0] >= 1',
    'body.a.b-c.length == 2',
    'body.a.b-c contains 1',
    'body.a.b-c == [1, null]',
    'body.a.b-c[1] == null',
    'text contains "b-c"',
  ])('%s holds', (one) => {
    expect(check(one)).toBeUndefined();
  });

  it.each([
    ['status == "202"', 'status is 202'],
    ['header retry-after > 3', 'header retry-after is "3"'],
    ['header retry-after == 4', 'header retry-after is "3"'],
    ['body.a.b-c[1] != 5', 'there is no body.a.b-c[1]'],
    ['body.a.toString', 'there is no body.a.toString'],
    ['text > 1', 'text is "{\\"a\\":{\\"b-c\\":[1,null]}}"'],
  ])('%s does not hold: %s', (one, why) => {
    expect(check(one)).toBe(why);
  });

  it.each([
    '',
    'status ==',
    'status is 202',
    'body[',
    'header',
    'status == 2 0',
    'text matches x',
    'bodyx == 1',
  ])('"%s" is none', (one) => {
    expect(() => parseExpectation(one)).toThrow(ExpectationError);
  });

  it('waits as long as it says', () => {
    expect(parseWait('status == 200 within 15 s')).toMatchObject({ withinMs: 15_000 });
    for (const one of ['status == 200', 'status == 200 within a while', 'within 3 s']) {
      expect(() => parseWait(one)).toThrow(ExpectationError);
    }
  });
});
