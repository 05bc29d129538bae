/** What `npm run mutate` changes, what it leaves alone, and how it counts. */
import { existsSync, globSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { aboutCore, coreModules, toGlob } from '../../mutate/core.ts';
import { whyIgnored } from '../../mutate/ignored.ts';
import { toScore, toScores, toSurvivors } from '../../mutate/verdicts.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

it.each(coreModules)('%s is one file of shared/src, wherever it stands', (module) => {
  expect(globSync(toGlob(module), { cwd: root })).toHaveLength(1);
});

it('every module of resilience is among them, but for words, errors and what has only types', () => {
  const modules = globSync('shared/src/**/resilience/*.ts', { cwd: root }).map((path) =>
    basename(path, '.ts'),
  );
  expect(modules.filter((module) => !coreModules.includes(module))).toEqual([
    'breaker-events',
    'breaker-words',
    'errors',
    'index',
    'probe-leases',
  ]);
});

it.each(aboutCore)('%s exists', (path) => {
  expect(existsSync(join(root, path))).toBe(true);
});

describe('a mutant is made of', () => {
  it.each(['half_open', 'retry-after', '', ' '])('the word "%s"', (value) => {
    expect(whyIgnored({ node: { type: 'StringLiteral', value } })).toBeUndefined();
  });

  it('a template without blanks', () => {
    const quasis = [{ value: { raw: '' } }, { value: { raw: '?count=' } }];
    expect(whyIgnored({ node: { type: 'TemplateLiteral', quasis } })).toBeUndefined();
  });
});

describe('no mutant is made of', () => {
  it('a sentence', () => {
    const node = { type: 'StringLiteral', value: 'The number is too large.' };
    expect(whyIgnored({ node })).toBe('a sentence for people');
  });

  it('a sentence with something in it', () => {
    const quasis = [{ value: { raw: '' } }, { value: { raw: ' is stopped.' } }];
    expect(whyIgnored({ node: { type: 'TemplateLiteral', quasis } })).toBe('a sentence for people');
  });

  it('unref()', () => {
    const expression = { callee: { property: { name: 'unref' } } };
    expect(whyIgnored({ node: { type: 'ExpressionStatement', expression } })).toBe('only lets a process end');
  });
});

describe('the score', () => {
  const mutant = (status: string, fileName = 'a.ts') =>
    ({
      fileName,
      status,
      mutatorName: 'BooleanLiteral',
      replacement: 'true',
      location: { start: { line: 7, column: 3 }, end: { line: 7, column: 8 } },
    }) as Parameters<typeof toScore>[1][number];

  it('is the share of those that were noticed, a test that never ends included', () => {
    const mutants = ['Killed', 'Timeout', 'Survived', 'NoCoverage'].map((status) => mutant(status));
    expect(toScore('all', mutants)).toEqual({ file: 'all', killed: 2, survived: 1, uncovered: 1, score: 50 });
  });

  it('leaves out those that were not made and those that nothing could run', () => {
    const mutants = ['Killed', 'Ignored', 'RuntimeError', 'CompileError'].map((status) => mutant(status));
    expect(toScore('all', mutants).score).toBe(100);
    expect(toScore('all', [])).toMatchObject({ killed: 0, score: 100 });
  });

  it('is told for each file', () => {
    const mutants = [mutant('Killed', 'b.ts'), mutant('Survived', 'a.ts'), mutant('Killed', 'a.ts')];
    expect(toScores(mutants)).toMatchObject([
      { file: 'a.ts', score: 50 },
      { file: 'b.ts', score: 100 },
    ]);
  });

  it('comes with every survivor and its place', () => {
    expect(toSurvivors(['Killed', 'Survived', 'NoCoverage'].map((status) => mutant(status)))).toEqual([
      'a.ts:7:3 BooleanLiteral → true',
      'a.ts:7:3 BooleanLiteral → true (no test comes by)',
    ]);
  });
});
