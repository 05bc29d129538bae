/** Finds an experiment by its name or in a file, JSON or TypeScript, and reads it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, extname, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { nearestOf } from '@holdfast/shared/core/nearest-word.ts';
import { ExperimentError, parseExperiment } from './parse-experiment.ts';
import type { Plan } from './plan.ts';

const folder = fileURLToPath(new URL('../experiments/', import.meta.url));
const modules = ['.ts', '.mts', '.js', '.mjs'];

/** The names of those that come with the project. */
export function listExperiments(): string[] {
  return readdirSync(folder)
    .filter((file) => extname(file) === '.ts')
    .map((file) => basename(file, '.ts'))
    .sort();
}

/**
 * Reads one by its name or file.
 * @throws {ExperimentError} when there is none, or with every mistake in it.
 */
export async function readExperiment(said: string): Promise<Plan> {
  const file = listExperiments().includes(said) ? resolve(folder, `${said}.ts`) : resolve(said);
  if (!existsSync(file)) throw toMissing(said);
  return parseExperiment(await readValue(file, said));
}

async function readValue(file: string, said: string): Promise<unknown> {
  const kind = extname(file).toLowerCase();
  if (modules.includes(kind)) {
    const exported = await import(pathToFileURL(file).href).catch((error: unknown) => {
      throw toUnreadable(`cannot be loaded: ${toMessage(error)}`);
    });
    return findExport(exported);
  }
  if (kind !== '.json') throw toUnreadable(`${said} must be a file that ends with .json or .ts.`);
  try {
    return JSON.parse(readFileSync(file, 'utf8').replace(/^\uFEFF/, ''));
  } catch (error) {
    throw toUnreadable(`${said} cannot be read: ${toMessage(error)}`);
  }
}

/** The export `experiment`; a default one and a single one of another name will do. */
function findExport(exported: Readonly<Record<string, unknown>>): unknown {
  const [only, ...others] = Object.values(exported);
  const found = exported.experiment ?? exported.default ?? (others.length === 0 ? only : undefined);
  if (found !== undefined) return found;
  throw toUnreadable('The file must have it as an export: export const experiment: Experiment = { … };');
}

function toMissing(said: string): ExperimentError {
  const known = listExperiments();
  const guess = nearestOf(said, known, (one) => Math.max(1, one.length / 3));
  const hint = guess === undefined ? `The known ones are ${known.join(', ')}.` : `Did you mean ${guess}?`;
  return toUnreadable(`There is no file and no known experiment "${said}". ${hint}`);
}

function toUnreadable(detail: string): ExperimentError {
  return new ExperimentError([{ place: '', detail }]);
}

function toMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
