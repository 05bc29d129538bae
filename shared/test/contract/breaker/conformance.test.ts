/**
 * The sixteen lines over three subjects. The adapter must hold them all. For the others what really happens is
 * asserted too: when a new version behaves differently, this suite says so and docs/breaker-conformance.md changes.
 */
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { cases } from './cases.ts';
import { expected } from './expected.ts';
import { type Cell, toMatrix } from './matrix.ts';
import type { Subject, SubjectOptions } from './subject.ts';
import { adapter } from './subjects/adapter.ts';
import { cockatiel } from './subjects/cockatiel.ts';
import { opossum } from './subjects/opossum.ts';

declare module 'vitest' {
  interface TaskMeta {
    /** Read from the JSON report by scripts/breaker-conformance.ts. */
    conformance?: Cell;
  }
}

const cells: Cell[] = [];
const subjects: Subject[] = [];

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  for (const subject of subjects.splice(0)) subject.stop();
  vi.useRealTimers();
});

describe.for([adapter, opossum, cockatiel])('$name', (kind) => {
  const create = (options: SubjectOptions) => {
    const subject = kind.create(options);
    subjects.push(subject);
    return subject;
  };

  it.for(cases)('line $line: $promise', async ({ line, promise, observe }, { task }) => {
    const reason = kind.notApplicable[line];
    const { holds, saw } = reason === undefined ? await observe(create) : { holds: null, saw: reason };
    const cell = { line, promise, subject: kind.name, holds, saw };
    cells.push(cell);
    task.meta.conformance = cell;
    if (kind.name === 'adapter') expect(cell).toMatchObject({ holds: true });
    expect({ holds, saw }).toEqual(expected[kind.name][line - 1]);
  });
});

it('docs/breaker-conformance.md says what these tests saw (npm run conformance writes it)', ({ skip }) => {
  skip(cells.length < cases.length * 3, 'only a part of the cases ran');
  const page = readFileSync(new URL('../../../../docs/breaker-conformance.md', import.meta.url), 'utf8');
  expect(page).toBe(toMatrix(cells));
});
