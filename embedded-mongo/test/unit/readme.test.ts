/** The README's tables are the code's tables. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ACCUMULATORS } from '../../src/aggregate/accumulators.ts';
import { STAGES } from '../../src/aggregate/pipeline.ts';
import { COMMANDS } from '../../src/commands/table.ts';
import { ERROR_CODES } from '../../src/core/errors.ts';
import { EXPRESSION_OPERATORS } from '../../src/expression/operators.ts';
import { QUERY_OPERATORS } from '../../src/query/parse-filter.ts';
import { UPDATE_OPERATORS } from '../../src/update/parse-update.ts';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

/** The words in backticks of the table row that begins with `row`. */
function listed(row: string): string[] {
  const line = readme.split('\n').find((candidate) => candidate.startsWith(`| ${row} |`)) ?? '';
  return [...line.matchAll(/`([^`]+)`/g)].map((match) => match[1] as string).sort();
}

describe('the README', () => {
  const tables: [row: string, names: Iterable<string>][] = [
    ['commands', COMMANDS.keys()],
    ['query operators', QUERY_OPERATORS],
    ['update operators', UPDATE_OPERATORS],
    ['stages', Object.keys(STAGES)],
    ['accumulators', Object.keys(ACCUMULATORS)],
    ['expressions', EXPRESSION_OPERATORS],
    ['error codes', Object.entries(ERROR_CODES).map(([name, code]) => `${name} ${code}`)],
  ];
  for (const [row, names] of tables) {
    it(`lists exactly the ${row} there are`, () => {
      expect(listed(row)).toEqual([...names].sort());
    });
  }
});
