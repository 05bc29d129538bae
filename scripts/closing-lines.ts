/** The last lines of `npm test`: each step, the failures, missing programs, and the totals. */
import { type Manager, type ProgramName, toAdvice } from './programs/programs.ts';
import type { Count } from './steps.ts';

/** A step that has run. */
export interface Result extends Count {
  readonly name: string;
  readonly seconds: string;
}

/** The lines for the results of the steps; `manager` is the package manager of this machine. */
export function toClosingLines(results: readonly Result[], manager: Manager | undefined): string[] {
  const steps = results.map(
    ({ name, passed, failed, skipped, seconds }) =>
      `${name.padEnd(10)} passed ${`${passed}`.padStart(4)}   failed ${`${failed}`.padStart(3)}   skipped ${`${skipped}`.padStart(3)}   ${seconds.padStart(5)} s`,
  );
  const sum = (key: 'passed' | 'failed' | 'skipped') =>
    results.reduce((total, result) => total + result[key], 0);
  return [
    ...steps,
    '',
    ...toFailureLines(results),
    ...toMissingLines(results, manager),
    `${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`,
  ];
}

/** `failed: e2e/stop.test.ts > a title: AssertionError: …` */
function toFailureLines(results: readonly Result[]): string[] {
  const lines = results.flatMap(({ failures }) => failures.map((failure) => `failed: ${failure}`));
  return lines.length === 0 ? [] : [...lines, ''];
}

/** `21 skipped for want of haproxy and nginx: sudo apt-get install --yes … haproxy nginx` */
function toMissingLines(results: readonly Result[], manager: Manager | undefined): string[] {
  const all = new Map<string, number>();
  for (const { missing } of results) {
    for (const [what, count] of Object.entries(missing)) all.set(what, (all.get(what) ?? 0) + count);
  }
  const lines = [...all].map(([what, count]) => {
    const names = what.split(' ') as ProgramName[];
    return `${count} skipped for want of ${names.join(' and ')}: ${toAdvice(names, manager)}`;
  });
  return lines.length === 0 ? [] : [...lines, ''];
}
