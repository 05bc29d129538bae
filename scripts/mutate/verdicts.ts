/** The results of the mutants: the score of each file and of all, and the survivors. */
import { relative } from 'node:path';
import type { Stryker } from '@stryker-mutator/core';

type MutantResult = Awaited<ReturnType<Stryker['runMutationTest']>>[number];

/** The mutants of one file, or of all, by result. */
export interface Score {
  readonly file: string;
  /** A test failed, or never ended. */
  readonly killed: number;
  /** All tests passed. */
  readonly survived: number;
  /** No test ran the code. */
  readonly uncovered: number;
  /** Killed of all, in percent; 100 without any. */
  readonly score: number;
}

/** The mutants of one file each, sorted by file. Those that are ignored or broke the build do not count. */
export function toScores(mutants: readonly MutantResult[]): Score[] {
  const files = Map.groupBy(mutants, ({ fileName }) => relative('.', fileName));
  return [...files].map(([file, own]) => toScore(file, own)).sort((a, b) => a.file.localeCompare(b.file));
}

/** The score of some mutants, under a name. */
export function toScore(file: string, mutants: readonly MutantResult[]): Score {
  const count = (...wanted: readonly string[]) =>
    mutants.filter(({ status }) => wanted.includes(status)).length;
  const killed = count('Killed', 'Timeout');
  const survived = count('Survived');
  const uncovered = count('NoCoverage');
  const all = killed + survived + uncovered;
  return { file, killed, survived, uncovered, score: all === 0 ? 100 : (100 * killed) / all };
}

/** One line for each survivor: its place and its replacement. */
export function toSurvivors(mutants: readonly MutantResult[]): string[] {
  return mutants
    .filter(({ status }) => status === 'Survived' || status === 'NoCoverage')
    .map(({ fileName, location: { start }, mutatorName, replacement, status }) => {
      const where = `${relative('.', fileName)}:${start.line}:${start.column}`;
      const instead = replacement.replace(/\s+/g, ' ').slice(0, 80);
      return `${where} ${mutatorName} → ${instead}${status === 'NoCoverage' ? ' (no test comes by)' : ''}`;
    })
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}

/** The scores as a table. */
export function toTable(scores: readonly Score[]): string {
  const width = Math.max(...scores.map(({ file }) => file.length));
  return scores
    .map(
      ({ file, killed, survived, uncovered, score }) =>
        `${file.padEnd(width)}  ${score.toFixed(1).padStart(5)} %  ${`${killed}`.padStart(5)} killed ` +
        `${`${survived}`.padStart(4)} survived ${`${uncovered}`.padStart(4)} without a test`,
    )
    .join('\n');
}
